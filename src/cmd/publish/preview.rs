//! The dry run: what would air in a village, by the planner that the village uses, and what that changes.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use chrono_tz::Asia;
use clap::ArgMatches;

use super::arguments::reach;
use super::told::unfit;
use super::{Office, bad_name};
use crate::calendar::Almanac;
use crate::cmd::out::print;
use crate::cmd::plan::days;
use crate::cmd::{Context, Failure};
use crate::county::changes::changes;
use crate::model::{Bundle, Lang, Limits, Selection, Site, Station, StationId, Target, ZoneId};
use crate::plan::plan_station;
use crate::station::bundles::{self, Campaign, TakeFault};
use crate::station::kinds::kinds;
use crate::station::{clock, sources};

/// Shows what changes, and the timetable of a village.
pub(super) fn show(
    context: &Context,
    office: &Office,
    folder: &Path,
    bundle: &Bundle,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let campaign = read(folder, bundle)?;
    print(&against_the_last(context.lang, office, &campaign))?;
    let station = station(bundle, typed)?;
    timetable(context, &campaign, station, typed)
}

fn read(folder: &Path, bundle: &Bundle) -> Result<Campaign, Failure> {
    bundles::read(folder, bundle.clone()).map_err(|(path, what)| unfit(&TakeFault::Unfit { path, what }))
}

/// Lists what is other than in the last bundle. Where that is not here any more nothing can be compared.
fn against_the_last(lang: Lang, office: &Office, new: &Campaign) -> String {
    let Some(previous) = new.bundle.serial.0.checked_sub(1).filter(|serial| *serial > 0) else {
        return lang.pick("第一次签发这个专项\n", "The first bundle of this campaign\n").to_owned();
    };
    let old = office.press.newest(&new.bundle.campaign).and_then(|(_, file)| {
        let folder = tempfile::tempdir().ok()?;
        let bundle = bundles::texts_of(File::open(file).ok()?, folder.path()).ok()?;
        bundles::read(folder.path(), bundle).ok()
    });
    let Some(old) = old else {
        return match lang {
            Lang::Zh => format!("第 {previous} 号的节目包不在 published/ 里了，比不出改动\n"),
            Lang::En => format!("Number {previous} is not in published/ any more: nothing to compare with\n"),
        };
    };
    let found = changes(&old, new);
    if found.is_empty() {
        return match lang {
            Lang::Zh => format!("和第 {previous} 号一样，没有改动\n"),
            Lang::En => format!("The same as number {previous}\n"),
        };
    }
    let head = match lang {
        Lang::Zh => format!("和第 {previous} 号相比：\n"),
        Lang::En => format!("Against number {previous}:\n"),
    };
    found.iter().fold(head, |listed, line| listed + "  " + line.in_lang(lang) + "\n")
}

/// Makes the village that was named, or one that the bundle is for.
fn station(bundle: &Bundle, typed: &ArgMatches) -> Result<Station, Failure> {
    let named = typed.get_one::<String>("station").map(|id| StationId::new(id)).transpose();
    let zones = typed.get_many::<String>("zones").into_iter().flatten().map(|id| ZoneId::new(id));
    let mut zones: Vec<ZoneId> = zones.collect::<Result<_, _>>().map_err(|error| bad_name(&error))?;
    let id = match (named.map_err(|error| bad_name(&error))?, bundle.target.first()) {
        (Some(id), _) => id,
        (None, Some(Target::Station(id))) => id.clone(),
        (None, first) => {
            if let Some(Target::Zone(zone)) = first {
                zones.push(zone.clone());
            }
            // Ours, and a good one.
            StationId::new("任一村").map_err(|error| bad_name(&error))?
        }
    };
    let output = Selection { kind: "null".to_owned(), options: BTreeMap::new() };
    Ok(Station {
        id,
        zones,
        group: None,
        output,
        amplifier: None,
        volume: 100,
        limits: Limits::default(),
        monitor: None,
    })
}

fn timetable(
    context: &Context,
    campaign: &Campaign,
    station: Station,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let (lang, bundle, id) = (context.lang, &campaign.bundle, station.id.clone());
    if !bundle.target.iter().any(|target| target.includes(&station)) {
        return print(&match lang {
            Lang::Zh => format!("{id} 收不到：这个节目包不是发给它的\n"),
            Lang::En => format!("{id} will not take it: the bundle is for others\n"),
        });
    }
    let site = site(context, station);
    let from = bundle.not_before.max(clock::wall());
    let until = from.checked_add_signed(reach(typed)).unwrap_or(from);
    let almanac = Almanac::new(campaign.years.clone(), site.calendars.clone());
    let (zone, playlists) = (site.time_zone, &campaign.playlists);
    let planned = plan_station(&site.stations[0], zone, playlists, &almanac, from, until);
    let hours = reach(typed).num_hours();
    print(&match lang {
        Lang::Zh => format!("{id} 起用后 {hours} 小时的节目（只算这个专项，过不了的静音时段另行标出）：\n"),
        Lang::En => format!("{hours} hours at {id} from when it is in force, of this campaign alone:\n"),
    })?;
    if planned.airings.is_empty() {
        return print(lang.pick("  没有播发\n", "  nothing airs\n"));
    }
    print(&days(&site, &planned, lang))
}

/// The house's own station of that name, with its limits, if there is one; else a village without limits of its own.
fn site(context: &Context, station: Station) -> Site {
    let house = sources::load_site(&context.config, &kinds()).site.value.filter(|_| context.config.exists());
    match house {
        Some(mut site) => {
            let known = site.stations.iter().find(|known| known.id == station.id).cloned();
            site.stations = vec![known.unwrap_or(station)];
            site
        }
        None => Site {
            time_zone: Asia::Shanghai,
            broadcasts: "broadcasts".into(),
            audio: "audio".into(),
            holidays: "holidays".into(),
            voices: None,
            lexicon: "lexicon.toml".into(),
            remove_erhua: false,
            voice: Selection { kind: String::new(), options: BTreeMap::new() },
            stations: vec![station],
            calendars: Vec::new(),
        },
    }
}
