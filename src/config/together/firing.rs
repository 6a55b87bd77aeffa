//! Whether a schedule fires at all, not too fast, and not only while its stations must be quiet.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeDelta};

use crate::calendar::civil::midnight;
use crate::calendar::{occurrences, quiet};
use crate::config::complaint::Severity;
use crate::config::moment::in_units;
use crate::model::{CalendarId, Playlist, Priority, Schedule, Station, Words};

use super::{Check, estimate};

/// How far ahead a schedule has to fire once: the rarest sensible one is 29 February.
const YEARS_AHEAD: u64 = 5;
/// How many days of holidays ahead have to be known: long enough to act, short enough not to nag all year.
const HOLIDAYS_AHEAD: Days = Days::new(60);
/// How many occurrences are looked at for their distance and for quiet hours.
const SAMPLE: usize = 500;
/// Up to how many times of day a schedule's times are looked at one by one.
const SINGLE_TIMES: usize = 8;
/// How many examples a complaint gives.
const EXAMPLES: usize = 4;

impl Check<'_> {
    /// Checks one schedule of a playlist that is still valid.
    pub(super) fn schedule(&mut self, playlist: &Playlist, place: &str, schedule: &Schedule) {
        let (first, last) = self.window(playlist);
        let (zone, almanac) = (self.site.time_zone, self.facts.almanac);
        let sample: Vec<DateTime<FixedOffset>> =
            occurrences(schedule, almanac, zone, midnight(first, zone), midnight(last + Days::new(1), zone))
                .take(SAMPLE)
                .collect();
        // A calendar that does not exist is complained about by its name.
        let known = |id: &CalendarId| self.site.calendars.iter().any(|calendar| calendar.id == *id);
        if !schedule.calendar.as_ref().is_none_or(known) {
            return;
        }
        if sample.is_empty() {
            return self.never(place, playlist);
        }
        self.too_fast(playlist, place, schedule, &sample);
        if playlist.priority != Priority::Emergency {
            self.quiet(playlist, place, &sample);
        }
        self.doubtful_holidays(playlist, place, schedule);
    }

    /// Returns the days in which the schedule has to fire: its validity, open ends filled with some years.
    fn window(&self, playlist: &Playlist) -> (NaiveDate, NaiveDate) {
        let years = Days::new(YEARS_AHEAD * 366);
        let today = self.today();
        let open = playlist.valid_until.map_or(today, |last| last.checked_sub_days(years).unwrap_or(last));
        let first = playlist.valid_from.unwrap_or(open);
        let far = first.checked_add_days(years).unwrap_or(first);
        (first, playlist.valid_until.map_or(far, |last| last.min(far)))
    }

    fn today(&self) -> NaiveDate {
        self.facts.now.with_timezone(&self.site.time_zone).date_naive()
    }

    fn where_when(&self, place: &str) -> std::ops::Range<usize> {
        self.place(&[format!("{place}.cron"), format!("{place}.at"), place.to_owned()])
    }

    fn never(&mut self, place: &str, playlist: &Playlist) {
        let bounded = playlist.valid_until.is_some();
        let what = if bounded {
            Words::new(
                "有效期内没有一次符合这个时间安排",
                "this schedule never fires while the playlist is valid",
            )
        } else {
            Words::new(
                format!("今后 {YEARS_AHEAD} 年里没有一次符合这个时间安排"),
                format!("this schedule never fires within {YEARS_AHEAD} years"),
            )
        };
        let fix = Words::new(
            "查一查日期、星期、`days` 和 `calendar`：要同时符合才播",
            "look at day, month, weekday, `days` and `calendar`: all must hold at once",
        );
        self.add(Severity::Error, self.where_when(place), what, fix);
    }

    /// A slot that lasts longer than the time to the next one is a mistake when that is sure, else a warning.
    fn too_fast(
        &mut self,
        playlist: &Playlist,
        place: &str,
        schedule: &Schedule,
        sample: &[DateTime<FixedOffset>],
    ) {
        let speed = self.site.voice.integer("words_per_minute").unwrap_or(estimate::USUAL_PACE);
        let length = estimate::slot(playlist, schedule, self.facts, speed);
        let distances = sample.windows(2).map(|pair| (pair[1] - pair[0]).to_std().unwrap_or_default());
        let Some(shortest) = distances.min().filter(|shortest| *shortest < length) else { return };
        // The length of speech is an estimate; half of it is certain.
        let severity = if shortest < length / 2 { Severity::Error } else { Severity::Warning };
        let every = in_units(shortest);
        let seconds = Duration::from_secs(length.as_secs().max(1)).as_secs();
        self.add(
            severity,
            self.where_when(place),
            Words::new(
                format!("每隔 {every} 就播一次，可是播一次约要 {seconds} 秒，播不完"),
                format!("it fires every {every}, but takes about {seconds} s to air"),
            ),
            Words::new("把时间隔开，或减少播报条和遍数", "fire less often, or air fewer messages or repeats"),
        );
    }

    /// Warns of times of day that always fall into the quiet hours of a station.
    ///
    /// A schedule that fires all day long is meant to be silent at night; only one that is never heard is a mistake.
    fn quiet(&mut self, playlist: &Playlist, place: &str, sample: &[DateTime<FixedOffset>]) {
        let site = self.site;
        let addressed = |station: &&Station| playlist.stations.iter().any(|target| target.includes(station));
        let times: BTreeSet<NaiveTime> = sample.iter().map(DateTime::time).collect();
        let mut silent: BTreeSet<NaiveTime> = BTreeSet::new();
        let mut stations: BTreeSet<&str> = BTreeSet::new();
        for station in site.stations.iter().filter(addressed) {
            let heard = |due: &&DateTime<FixedOffset>| {
                !quiet::is_quiet(&station.limits, site.time_zone, due.to_utc())
            };
            let sounding: BTreeSet<NaiveTime> = sample.iter().filter(heard).map(DateTime::time).collect();
            let counts = times.len() <= SINGLE_TIMES || (sounding.is_empty() && spans_a_day(sample));
            if counts && times != sounding {
                stations.insert(station.id.as_str());
                silent.extend(times.difference(&sounding));
            }
        }
        if !stations.is_empty() {
            self.silent(place, &silent, stations);
        }
    }

    fn silent(&mut self, place: &str, times: &BTreeSet<NaiveTime>, stations: BTreeSet<&str>) {
        let mut times: Vec<String> = times.iter().map(|time| time.format("%H:%M").to_string()).collect();
        times.dedup();
        times.truncate(EXAMPLES);
        let stations: Vec<&str> = stations.into_iter().take(EXAMPLES).collect();
        self.add(
            Severity::Warning,
            self.where_when(place),
            Words::new(
                format!("{} 在 {} 的静音时段里，不会响", times.join("、"), stations.join("、")),
                format!(
                    "{} lies in the quiet hours of {}: nothing sounds",
                    times.join(", "),
                    stations.join(", ")
                ),
            ),
            Words::new("改到静音时段以外", "choose a time outside the quiet hours"),
        );
    }

    /// Warns when the days depend on holidays that are not known yet and that come soon.
    fn doubtful_holidays(&mut self, playlist: &Playlist, place: &str, schedule: &Schedule) {
        let first = self.today().max(playlist.valid_from.unwrap_or(NaiveDate::MIN));
        let soon = first.checked_add_days(HOLIDAYS_AHEAD).unwrap_or(first);
        let last = playlist.valid_until.map_or(soon, |last| last.min(soon));
        for doubt in self.facts.almanac.doubts(schedule.days, first, last) {
            self.add(
                Severity::Warning,
                self.place(&[format!("{place}.days")]),
                doubt.words(),
                Words::new(
                    "节目单不用改；放假通知一般在十月底到十一月公布",
                    "the playlist is right; the notice usually comes out in late October or November",
                ),
            );
        }
    }
}

fn spans_a_day(sample: &[DateTime<FixedOffset>]) -> bool {
    sample.first().zip(sample.last()).is_some_and(|(first, last)| *last - *first >= TimeDelta::days(1))
}
