//! `dalaba why`: why an airing did or did not sound, in plain words, from what the as-run log knows.

mod told;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::{Arg, ArgMatches, Command};

use super::log::failure;
use super::out::{plain, print};
use super::{Context, Failure, Subcommand, zone};
use crate::model::{AiringId, Lang};
use crate::station::clock;
use crate::station::journal::{ClockFact, Entry, Filter, JournalError, Reader, RunFact};

/// The row of the command table.
pub(super) const WHY: Subcommand = Subcommand { name: "why", arguments, run };

/// A question about a time is answered with what was due this long before it: the longest grace that people write.
const BEFORE: TimeDelta = TimeDelta::minutes(30);
/// And this long after it: nobody's watch is exact.
const AFTER: TimeDelta = TimeDelta::minutes(5);

fn arguments(lang: Lang) -> Command {
    let what = lang.pick("播发编号，或站点名", "An airing's id, or a station");
    let when = lang.pick(
        "站点名之后写时间：2026-11-23、“2026-11-23 06:30”、06:30",
        "After a station, the time: \"2026-11-23 06:30\", or 06:30 today",
    );
    Command::new("why")
        .about(lang.pick("为什么播了，或为什么没播", "Why an airing did or did not sound"))
        .arg(
            Arg::new("what")
                .required(true)
                .value_name(lang.pick("播发编号|站点", "AIRING|STATION"))
                .help(what),
        )
        .arg(Arg::new("when").value_name(lang.pick("时间", "TIME")).help(when))
}

/// All that the log knows besides the airings themselves.
struct Circumstances {
    runs: Vec<RunFact>,
    clocks: Vec<ClockFact>,
    lang: Lang,
    zone: Tz,
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let zone = zone::zone(context);
    let reader = Reader::open(&context.state).map_err(failure)?;
    let (runs, clocks) = (reader.runs().map_err(failure)?, reader.clocks().map_err(failure)?);
    let around = Circumstances { runs, clocks, lang: context.lang, zone };
    let typed = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let what = typed("what").unwrap_or_default();
    let text = match (what.rsplit_once('@'), typed("when")) {
        (Some((_, due)), None) => of_airing(&reader, &around, what, due)?,
        (None, Some(when)) => of_time(&reader, &around, what, zone::instant(when, zone, clock::wall())?)?,
        _ => return Err(misunderstood()),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn misunderstood() -> Failure {
    Failure::new(
        "请写播发编号（dalaba log --format json 里的 airing),或写“站点 时间”",
        "name an airing (\"airing\" in dalaba log --format json), or a station and a time",
    )
}

fn of_airing(reader: &Reader, around: &Circumstances, id: &str, due: &str) -> Result<String, Failure> {
    let found = reader.record_of(&AiringId::from_record(id)).map_err(failure)?;
    match (found, DateTime::parse_from_rfc3339(due)) {
        (Some(entry), _) => Ok(around.told(&entry)),
        (None, Ok(due)) => Ok(around.unknown(&plain(id), due.to_utc())),
        (None, Err(_)) => Err(misunderstood()),
    }
}

fn of_time(
    reader: &Reader,
    around: &Circumstances,
    station: &str,
    at: DateTime<Utc>,
) -> Result<String, Failure> {
    let station_filter = Filter {
        station: Some(station.to_owned()),
        from: Some(at - BEFORE),
        until: Some(at + AFTER),
        ..Filter::default()
    };
    let entries: Result<Vec<Entry>, JournalError> = reader.query(&station_filter).collect();
    let entries = entries.map_err(failure)?;
    if entries.is_empty() {
        return Ok(around.unknown(&plain(station), at));
    }
    let told: Vec<String> = entries.iter().map(|entry| around.told(entry)).collect();
    Ok(told.join("\n"))
}
