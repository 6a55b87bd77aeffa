//! From the words typed to the filter meant.

use chrono_tz::Tz;
use clap::ArgMatches;

use super::super::{Failure, moment};
use crate::station::clock;
use crate::station::journal::Filter;

/// Reads the filter; days and times are those of the village.
pub(super) fn filter(arguments: &ArgMatches, zone: Tz) -> Result<Filter, Failure> {
    let typed = |name: &str| arguments.get_one::<String>(name);
    let now = clock::wall();
    let mut from = typed("from").map(|text| moment::start(text, now, zone)).transpose()?;
    let mut until = typed("until").map(|text| moment::end(text, now, zone)).transpose()?;
    if let Some(day) = typed("day") {
        let (first, next) = moment::day(day, now, zone)?;
        (from, until) = (Some(first), Some(next));
    }
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
