//! From the words typed to the filter meant.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::ArgMatches;

use super::super::{Failure, moment};
use crate::calendar::civil::midnight;
use crate::station::clock;
use crate::station::journal::Filter;

/// The ends that were asked for: from the first on, before the second.
type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Reads the filter; days and times are those of the village.
pub(super) fn filter(arguments: &ArgMatches, zone: Tz) -> Result<Filter, Failure> {
    let typed = |name: &str| arguments.get_one::<String>(name);
    let now = clock::wall();
    let (from, until) = window(arguments, zone, now)?;
    Ok(Filter {
        airing: None,
        station: typed("station").cloned(),
        playlist: typed("playlist").cloned(),
        message: typed("message").cloned(),
        // The parser of the command line lets only words of the lists through.
        outcome: typed("outcome").and_then(|word| word.parse().ok()),
        reason: typed("reason").and_then(|word| word.parse().ok()),
        from,
        until,
        after: 0,
    })
}

/// Reads the window whose end has come; today until now, if none was asked for.
pub(in super::super) fn past(
    arguments: &ArgMatches,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let (from, until) = window(arguments, zone, now)?;
    let today = || midnight(now.with_timezone(&zone).date_naive(), zone);
    let (from, until) = (from.unwrap_or_else(today), until.map_or(now, |until| until.min(now)));
    if from < until {
        return Ok((from, until));
    }
    Err(Failure::new(
        "这段时间还没到，或者结束不晚于开始",
        "that time is still to come, or its end is not after its beginning",
    ))
}

/// Reads the window alone.
pub(super) fn when(arguments: &ArgMatches, zone: Tz) -> Result<Window, Failure> {
    window(arguments, zone, clock::wall())
}

fn window(arguments: &ArgMatches, zone: Tz, now: DateTime<Utc>) -> Result<Window, Failure> {
    let typed = |name: &str| arguments.get_one::<String>(name);
    if let Some(day) = typed("day") {
        let (first, next) = moment::day(day, now, zone)?;
        return Ok((Some(first), Some(next)));
    }
    let from = typed("from").map(|text| moment::start(text, now, zone)).transpose()?;
    let until = typed("until").map(|text| moment::end(text, now, zone)).transpose()?;
    Ok((from, until))
}
