//! The timetable for people: a table a day.

use chrono::{Datelike, NaiveDate};

use crate::calendar::quiet;
use crate::cmd::table;
use crate::model::{Airing, Lang, Priority, Site, Timetable};

/// Writes the days of the timetable, each under its date.
pub(in crate::cmd) fn days(site: &Site, timetable: &Timetable, lang: Lang) -> String {
    let days = timetable.airings.chunk_by(|a, b| a.due.date_naive() == b.due.date_naive());
    days.map(|day| one_day(site, day, lang)).collect()
}

fn one_day(site: &Site, airings: &[Airing], lang: Lang) -> String {
    let date = airings.first().map(|airing| heading(airing.due.date_naive(), lang)).unwrap_or_default();
    let rows = airings.iter().map(|airing| row(site, airing, lang));
    format!("{date}\n{}\n", table::columns(rows))
}

fn heading(date: NaiveDate, lang: Lang) -> String {
    match lang {
        Lang::Zh => {
            let weekday = ["一", "二", "三", "四", "五", "六", "日"];
            let place = date.weekday().num_days_from_monday() as usize;
            format!("{}年{}月{}日 星期{}", date.year(), date.month(), date.day(), weekday[place])
        }
        Lang::En => date.format("%A %-d %B %Y").to_string(),
    }
}

fn row(site: &Site, airing: &Airing, lang: Lang) -> Vec<String> {
    vec![
        format!("  {}", airing.due.format("%H:%M:%S")),
        airing.station.to_string(),
        airing.playlist.to_string(),
        airing.message_id().to_string(),
        airing.priority.words().in_lang(lang).to_owned(),
        if stays_silent(site, airing) {
            lang.pick("静音时段，不播", "quiet hours, will not sound")
        } else {
            ""
        }
        .to_owned(),
    ]
}

/// Tells whether quiet hours will hold the airing back.
fn stays_silent(site: &Site, airing: &Airing) -> bool {
    let station = site.stations.iter().find(|station| station.id == airing.station);
    airing.priority != Priority::Emergency
        && station.is_some_and(|station| quiet::is_quiet(&station.limits, site.time_zone, airing.due_utc()))
}
