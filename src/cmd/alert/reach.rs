//! How many stations an alert is for, before anybody signs it: where the county's database is at hand.

use std::io::{self, Write};

use clap::ArgMatches;

use super::super::county_server::{address, small_runtime};
use super::super::{Context, Failure};
use crate::county::store::{Address, Store, StoreFault, StoredSite};
use crate::model::{Lang, Limits, Selection, Station, Target};

/// Says whom `target` reaches. An alert does not wait for a database that is away.
pub(super) fn show(context: &Context, target: &[Target], typed: &ArgMatches) -> Result<(), Failure> {
    let address = address(context, typed)?;
    if let Address::File(path) = &address
        && !path.exists()
    {
        return Ok(());
    }
    let runtime = small_runtime()?;
    let sites = runtime.block_on(async { Store::open(&address).await?.sites().await });
    // Beside what the command answers: that begins with the name of the alert.
    let _ = io::stderr().write_all(told(context.lang, &sites, target).as_bytes());
    Ok(())
}

fn told(lang: Lang, sites: &Result<Vec<StoredSite>, StoreFault>, target: &[Target]) -> String {
    let sites = match sites {
        Ok(sites) => sites,
        Err(fault) => {
            let words = fault.words();
            let words = words.in_lang(lang);
            return match lang {
                Lang::Zh => format!("不知道会到多少个站点：{words}\n"),
                Lang::En => format!("How many stations it reaches is not known: {words}\n"),
            };
        }
    };
    let enrolled = || sites.iter().filter(|site| site.revoked.is_none()).flat_map(stations);
    let all = enrolled().count();
    let reached = enrolled().filter(|station| target.iter().any(|target| target.includes(station))).count();
    match lang {
        Lang::Zh => format!("登记的 {all} 个站点里，会到 {reached} 个\n"),
        Lang::En => format!("It reaches {reached} of the {all} stations enrolled\n"),
    }
}

/// The stations of a site, as far as targets ask for them.
fn stations(site: &StoredSite) -> impl Iterator<Item = Station> {
    site.stations.iter().map(|(id, zones)| Station {
        id: id.clone(),
        zones: zones.clone(),
        group: None,
        output: Selection { kind: String::new(), options: [].into() },
        amplifier: None,
        volume: 0,
        limits: Limits::default(),
        monitor: None,
    })
}
