//! `dalaba why`: why an airing did or did not sound, in plain words: from the as-run log,
//! and from the playlists, calendars and limits as they stand now.

mod plan;
mod told;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::{Arg, ArgMatches, Command};

use plan::Plan;

use super::log::failure;
use super::out::{plain, print};
use super::{Context, Failure, Subcommand, moment, zone};
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
    let asked = Asked::read(arguments, zone)?;
    let mut around = Circumstances { runs: Vec::new(), clocks: Vec::new(), lang: context.lang, zone };
    let entries = match Reader::open(&context.state) {
        Ok(reader) => {
            around.runs = reader.runs().map_err(failure)?;
            around.clocks = reader.clocks().map_err(failure)?;
            asked.entries(&reader).map_err(failure)?
        }
        // The playlists can be asked before the daemon has ever run.
        Err(JournalError::Absent(_)) => Vec::new(),
        Err(error) => return Err(failure(error)),
    };
    let mut text = match entries.as_slice() {
        [] => around.unknown(&plain(&asked.named), asked.at),
        entries => entries.iter().map(|entry| around.told(entry)).collect::<Vec<_>>().join("\n"),
    };
    let plan = Plan { context, asked: &asked, around: &around };
    text.push_str(&plan.told(&entries));
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What is asked: an airing, or a station at a time.
struct Asked {
    /// As typed.
    named: String,
    station: String,
    /// The time asked about; the due instant of an airing.
    at: DateTime<Utc>,
    airing: Option<AiringId>,
}

impl Asked {
    fn read(arguments: &ArgMatches, zone: Tz) -> Result<Self, Failure> {
        let typed = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
        let named = typed("what").unwrap_or_default();
        match (named.rsplit_once('@'), typed("when")) {
            (Some((path, due)), None) => {
                let due = DateTime::parse_from_rfc3339(due).map_err(|_| misunderstood())?;
                let station = path.split('/').next().unwrap_or_default().to_owned();
                let airing = Some(AiringId::from_record(named));
                Ok(Self { named: named.to_owned(), station, at: due.to_utc(), airing })
            }
            (None, Some(when)) => {
                let at = moment::start(when, clock::wall(), zone)?;
                Ok(Self { named: named.to_owned(), station: named.to_owned(), at, airing: None })
            }
            _ => Err(misunderstood()),
        }
    }

    /// Reads the airing asked about, or those due about the time asked about.
    fn entries(&self, reader: &Reader) -> Result<Vec<Entry>, JournalError> {
        if let Some(airing) = &self.airing {
            return Ok(reader.record_of(airing)?.into_iter().collect());
        }
        let filter = Filter {
            station: Some(self.station.clone()),
            from: Some(self.at - BEFORE),
            until: Some(self.at + AFTER),
            ..Filter::default()
        };
        reader.query(&filter).collect()
    }
}

fn misunderstood() -> Failure {
    Failure::new(
        "请写播发编号（dalaba log --format json 里的 airing），或写“站点 时间”",
        "name an airing (\"airing\" in dalaba log --format json), or a station and a time",
    )
}
