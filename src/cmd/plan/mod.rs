//! `dalaba plan`: the timetable, for people, programs and calendars.

mod ics;
mod json;
mod text;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Arg, ArgAction, ArgMatches, Command};

pub(super) use self::text::days;

use super::site::{Loaded, load};
use super::{Context, Failure, Subcommand, moment, out, stations};
use crate::model::{Lang, Timetable};
use crate::plan;
use crate::station::clock;

/// The row of the command table.
pub(super) const PLAN: Subcommand = Subcommand { name: "plan", arguments, run };

/// How far the plan reaches unless told otherwise.
const A_DAY: TimeDelta = TimeDelta::hours(24);

fn arguments(lang: Lang) -> Command {
    Command::new("plan")
        .about(lang.pick("列出什么时候播什么", "Prints what will air, and when"))
        .after_help(lang.pick(
            "时间可写 2026-11-23、2026-11-23T06:30、06:30（今天）、今天、明天，按站点所在时区。",
            "Times are 2026-11-23, 2026-11-23T06:30, 06:30 (today), today or tomorrow, in the site's zone.",
        ))
        .arg(station(lang))
        .arg(time("from", lang, lang.pick("从何时起，默认现在", "From when on; now by default")))
        .arg(time(
            "until",
            lang,
            lang.pick(
                "到何时为止，只写日期则含当天；默认一天",
                "Until when; a date includes that day; 24 hours by default",
            ),
        ))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("text|json|ics")
                .default_value("text")
                .value_parser(["text", "json", "ics"])
                .help(lang.pick(
                    "text 给人看，json 每行一条，ics 供日历软件导入",
                    "text for people, json with one object a line, ics for calendar programs",
                )),
        )
}

/// The option `--station`, as `plan` and `next` have it.
pub(super) fn station(lang: Lang) -> Arg {
    Arg::new("station")
        .long("station")
        .short('s')
        .value_name(lang.pick("站点", "STATION"))
        .action(ArgAction::Append)
        .help(lang.pick("只看这个站点；可写多次", "Only this station; may be given again"))
}

fn time(name: &'static str, lang: Lang, help: &str) -> Arg {
    Arg::new(name).long(name).value_name(lang.pick("时间", "TIME")).help(help.to_owned())
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut loaded = load(context)?;
    loaded.keep(&stations(arguments))?;
    let now = clock::wall();
    let (from, until) = window(arguments, &loaded, now)?;
    loaded.warn_of_doubts(from, until, context.lang);
    match arguments.get_one::<String>("format").map(String::as_str) {
        Some("json") => each_piece(&loaded, from, until, |piece| out::print(&json::lines(piece)))?,
        Some("ics") => {
            let timetable = whole(&loaded, from, until)?;
            out::print(&ics::calendar(&loaded.site, &timetable, now, context.lang)?)?;
        }
        _ => text(&loaded, from, until, context.lang)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn window(
    arguments: &ArgMatches,
    loaded: &Loaded,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    let zone = loaded.site.time_zone;
    let typed = |name| arguments.get_one::<String>(name);
    let from = typed("from").map_or(Ok(now), |text| moment::start(text, now, zone))?;
    let day_later = from.checked_add_signed(A_DAY).unwrap_or(from);
    let until = typed("until").map_or(Ok(day_later), |text| moment::end(text, from, zone))?;
    if until <= from {
        return Err(Failure::new("结束时间不晚于开始时间", "the end is not after the beginning"));
    }
    Ok((from, until))
}

fn text(loaded: &Loaded, from: DateTime<Utc>, until: DateTime<Utc>, lang: Lang) -> Result<(), Failure> {
    let mut any = false;
    each_piece(loaded, from, until, |piece| {
        any |= !piece.airings.is_empty();
        out::print(&days(&loaded.site, piece, lang))
    })?;
    if any {
        Ok(())
    } else {
        out::print(lang.pick("这段时间没有播发。\n", "Nothing airs in that time.\n"))
    }
}

/// Plans piece by piece, so that a year of a dense schedule is printed without being held.
pub(super) fn each_piece(
    loaded: &Loaded,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    mut print: impl FnMut(&Timetable) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut from = from;
    while from < until {
        let piece = plan::plan(&loaded.site, &loaded.playlists, &loaded.almanac, from, until);
        print(&piece)?;
        from = piece.until;
    }
    Ok(())
}

/// Plans the window in one piece, which a calendar program has to hold as well.
fn whole(loaded: &Loaded, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Timetable, Failure> {
    let timetable = plan::plan(&loaded.site, &loaded.playlists, &loaded.almanac, from, until);
    if timetable.until == until {
        return Ok(timetable);
    }
    let most = plan::MOST_AIRINGS;
    Err(Failure::new(
        format!("超过 {most} 次播发，日历软件装不下；请把 --from 和 --until 之间缩短"),
        format!("more than {most} airings are too many for a calendar: choose a shorter time"),
    ))
}
