//! `dalaba county stations`, `records`, `reconcile` and `register`: whether it was played.

mod reconcile;
mod records;
mod register;
mod stations;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Asia, Tz};
use clap::{Arg, ArgMatches, Command};
use tokio::runtime::Runtime;

use super::county_server::{address, database, small_runtime};
use super::{Context, Failure, log};
use crate::county::archive::{self, ArchiveFault};
use crate::county::store::{Address, Store};
use crate::county::truth::{Issued, Planned, Published, Span, Told, Village, in_force, planned};
use crate::model::{Lang, StationId, ZoneId};
use crate::station::clock;

/// The civil time of the county's papers and questions.
const ZONE: Tz = Asia::Shanghai;

/// How much is held in memory at a time.
const PIECE: TimeDelta = TimeDelta::days(1);

/// Builds the four subcommands.
pub(super) fn commands(lang: Lang) -> [Command; 4] {
    [
        stations::arguments(lang),
        records::arguments(lang),
        reconcile::arguments(lang),
        register::arguments(lang),
    ]
}

/// Runs one of them; none if it is another command's name.
pub(super) fn run(context: &Context, name: &str, typed: &ArgMatches) -> Option<Result<ExitCode, Failure>> {
    let run = match name {
        "stations" => stations::run,
        "records" => records::run,
        "reconcile" => reconcile::run,
        "register" => register::run,
        _ => return None,
    };
    Some(run(context, typed).map(|()| ExitCode::SUCCESS))
}

/// The options that name the store and narrow the villages.
fn whose(lang: Lang) -> [Arg; 3] {
    let option = |id: &'static str, value, help| Arg::new(id).long(id).value_name(value).help(help);
    [
        database(lang),
        option("station", lang.pick("站点", "STATION"), lang.pick("只看这个站点", "This station only")),
        option("zone", lang.pick("区域", "ZONE"), lang.pick("只看这个区域", "This zone only")),
    ]
}

/// Everything that an answer is found from.
struct Desk {
    runtime: Runtime,
    store: Store,
    villages: Vec<Village>,
    published: Vec<Published>,
    issued: Vec<Issued>,
    county: String,
    station: Option<String>,
    zone: Option<String>,
    now: DateTime<Utc>,
}

/// What was planned and told of one village in one piece of time.
struct Piece<'a> {
    village: &'a Village,
    spans: Vec<Span<'a>>,
    plan: Vec<Planned>,
    told: Vec<Told>,
}

impl Desk {
    fn open(context: &Context, typed: &ArgMatches) -> Result<Self, Failure> {
        let address = address(context, typed)?;
        if let Address::File(path) = &address
            && !path.exists()
        {
            let path = path.display();
            return Err(Failure::new(
                format!("没有数据库 {path}；在运行县服务器的机器上运行，或用 --database 指定"),
                format!(
                    "there is no database {path}: run this where the county's server runs, or name it with --database"
                ),
            ));
        }
        let runtime = small_runtime()?;
        let read = async {
            let store = Store::open(&address).await?;
            let (villages, published) = (archive::villages(&store).await?, archive::published(&store).await?);
            let county = archive::roots(&store).await?.pop().map(|root| root.county).unwrap_or_default();
            let issued = archive::issued(&store).await?;
            Ok((store, villages, published, issued, county))
        };
        let (store, villages, published, issued, county) = runtime.block_on(read).map_err(failed)?;
        let word = |id: &str| typed.get_one::<String>(id).cloned();
        let desk = Self {
            runtime,
            store,
            villages,
            published,
            issued,
            county,
            station: word("station"),
            zone: word("zone"),
            now: clock::wall(),
        };
        desk.known()?;
        Ok(desk)
    }

    /// Refuses a station or zone that nobody has: no rows would look like an answer.
    fn known(&self) -> Result<(), Failure> {
        if (self.station.is_none() && self.zone.is_none()) || self.stations().next().is_some() {
            return Ok(());
        }
        Err(Failure::new("没有这样的站点或区域", "there is no such station or zone"))
    }

    /// Tells whether a station was asked for.
    fn wants(&self, (id, zones): &(StationId, Vec<ZoneId>)) -> bool {
        self.station.as_ref().is_none_or(|wanted| wanted == id.as_str())
            && self.zone.as_ref().is_none_or(|wanted| zones.iter().any(|zone| zone.as_str() == wanted))
    }

    fn stations(&self) -> impl Iterator<Item = (&Village, &(StationId, Vec<ZoneId>))> {
        let all =
            self.villages.iter().flat_map(|village| village.stations.iter().map(move |one| (village, one)));
        all.filter(|(_, station)| self.wants(station))
    }

    /// Tells whether records of a station of this name are asked for. One that is no more may still have records.
    fn wants_records(&self, village: &Village, name: &str) -> bool {
        if self.zone.is_none() {
            return self.station.as_deref().is_none_or(|wanted| wanted == name);
        }
        village.stations.iter().any(|station| station.0.as_str() == name && self.wants(station))
    }

    fn wants_village(&self, village: &Village) -> bool {
        village.stations.iter().any(|station| self.wants(station))
    }

    /// Goes through `[from, until)` piece by piece, and through the villages in each.
    fn each(
        &self,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        mut visit: impl FnMut(Piece<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut from = from;
        while from < until {
            let next = (from + PIECE).min(until);
            let read = archive::told_of(&self.store, from, next);
            let mut told = self.runtime.block_on(read).map_err(failed)?;
            for village in &self.villages {
                let mut mine = told.remove(&village.site).unwrap_or_default();
                mine.retain(|told| self.wants_records(village, &told.entry.station));
                let spans = in_force(village, &self.published, from, next);
                let wanted = village.stations.iter().filter(|station| self.wants(station));
                let plan = wanted.flat_map(|station| planned(station, &spans, ZONE)).collect();
                visit(Piece { village, spans, plan, told: mine })?;
            }
            from = next;
        }
        Ok(())
    }
}

/// Reads the window asked for; today until now, if none was.
fn window(typed: &ArgMatches, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Failure> {
    log::asked::past(typed, ZONE, now)
}

fn failed(fault: ArchiveFault) -> Failure {
    match fault {
        ArchiveFault::Store(fault) => {
            let words = fault.words();
            Failure::new(words.zh, words.en)
        }
        ArchiveFault::Record(site, error) => Failure::because(
            format!("“{site}”有一条记录读不懂"),
            format!("a record of {site} cannot be read"),
            error,
        ),
    }
}
