//! `dalaba next`: what airs next, and how soon.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Arg, ArgMatches, Command, value_parser};

use super::site::{Loaded, load};
use super::{Context, Failure, Subcommand, out, plan, stations, table};
use crate::model::{Airing, Lang, Words};
use crate::station::clock;

/// The row of the command table.
pub(super) const NEXT: Subcommand = Subcommand { name: "next", arguments, run };

/// How far ahead is looked, wider and wider until enough is found: a dense schedule costs no more than a sparse one.
const WINDOWS: [TimeDelta; 4] =
    [TimeDelta::hours(1), TimeDelta::days(1), TimeDelta::days(31), TimeDelta::days(400)];

fn arguments(lang: Lang) -> Command {
    Command::new("next")
        .about(lang.pick("接下来播什么", "Prints what airs next"))
        .arg(plan::station(lang))
        .arg(
            Arg::new("number")
                .short('n')
                .long("number")
                .value_name(lang.pick("条数", "N"))
                .default_value("5")
                .value_parser(value_parser!(u16).range(1..=1000))
                .help(lang.pick("列几条，1 到 1000", "How many, 1 to 1000")),
        )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut loaded = load(context)?;
    loaded.keep(&stations(arguments))?;
    let number = arguments.get_one::<u16>("number").copied().unwrap_or(5);
    let now = clock::wall();
    let coming = coming(&loaded, now, usize::from(number));
    if let Some(last) = coming.last() {
        loaded.warn_of_doubts(now, last.due_utc(), context.lang);
    }
    out::print(&shown(&coming, now, context.lang))?;
    Ok(ExitCode::SUCCESS)
}

fn coming(loaded: &Loaded, now: DateTime<Utc>, number: usize) -> Vec<Airing> {
    let mut found = Vec::new();
    for window in WINDOWS {
        let until = now.checked_add_signed(window).unwrap_or(now);
        found = crate::plan::plan(&loaded.site, &loaded.playlists, &loaded.almanac, now, until).airings;
        if found.len() >= number {
            break;
        }
    }
    found.truncate(number);
    found
}

fn shown(coming: &[Airing], now: DateTime<Utc>, lang: Lang) -> String {
    if coming.is_empty() {
        return lang.pick("一年之内没有要播的。\n", "Nothing airs within a year.\n").to_owned();
    }
    table::columns(coming.iter().map(|airing| row(airing, now, lang)))
}

fn row(airing: &Airing, now: DateTime<Utc>, lang: Lang) -> Vec<String> {
    vec![
        wait(airing.due_utc() - now).in_lang(lang).to_owned(),
        airing.due.format("%m-%d %H:%M:%S").to_string(),
        airing.station.to_string(),
        airing.playlist.to_string(),
        airing.message_id().to_string(),
        airing.priority.words().in_lang(lang).to_owned(),
    ]
}

/// Says how long `wait` is, in the two largest units that matter.
fn wait(wait: TimeDelta) -> Words {
    let (days, hours, minutes) = (wait.num_days(), wait.num_hours() % 24, wait.num_minutes() % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => {
            let seconds = wait.num_seconds();
            Words::new(format!("{seconds} 秒后"), format!("in {seconds} s"))
        }
        (0, 0, _) => Words::new(format!("{minutes} 分钟后"), format!("in {minutes} min")),
        (0, _, 0) => Words::new(format!("{hours} 小时后"), format!("in {hours} h")),
        (0, ..) => {
            Words::new(format!("{hours} 小时 {minutes} 分钟后"), format!("in {hours} h {minutes} min"))
        }
        (_, 0, _) => Words::new(format!("{days} 天后"), format!("in {days} d")),
        _ => Words::new(format!("{days} 天 {hours} 小时后"), format!("in {days} d {hours} h")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_the_units_that_matter() {
        for (seconds, zh, en) in [
            (0, "0 秒后", "in 0 s"),
            (59, "59 秒后", "in 59 s"),
            (12 * 60 + 30, "12 分钟后", "in 12 min"),
            (2 * 3600, "2 小时后", "in 2 h"),
            (2 * 3600 + 300, "2 小时 5 分钟后", "in 2 h 5 min"),
            (86_400, "1 天后", "in 1 d"),
            (86_400 * 3 + 7200, "3 天 2 小时后", "in 3 d 2 h"),
        ] {
            assert_eq!(wait(TimeDelta::seconds(seconds)), Words::new(zh, en));
        }
    }
}
