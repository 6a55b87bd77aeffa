//! From the words typed to the filter meant.

use chrono_tz::Tz;
use clap::ArgMatches;

use super::super::{Failure, zone};
use crate::station::clock;
use crate::station::journal::Filter;

/// Reads the filter; days and times are those of the village.
pub(super) fn filter(arguments: &ArgMatches, zone: Tz) -> Result<Filter, Failure> {
    let typed = |name: &str| arguments.get_one::<String>(name);
    let now = clock::wall();
    let instant = |name: &str| typed(name).map(|text| zone::instant(text, zone, now)).transpose();
    let (mut from, mut until) = (instant("from")?, instant("until")?);
    if let Some(day) = typed("day") {
        let (first, next) = zone::day(day, zone, now)?;
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
