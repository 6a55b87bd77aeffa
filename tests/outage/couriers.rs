//! Real daemons, whose real couriers go through the same faults.

use std::str::FromStr;

use dalaba::county::store::{Address, Store};
use dalaba::station::journal::Reader;
use tokio::runtime::Builder;

use super::county::{County, SOON};
use super::daemon::House;
use super::poll;
use super::postgres::Postgres;

const NAMES: [&str; 2] = ["河东村", "河西村"];

fn village(county: &County, name: &str) -> House {
    let house = House::of(&[name]);
    house.playlist("防火", "防火", "*/3 * * * * *", "10s");
    let address = format!("https://127.0.0.1:{}", county.port());
    let enrolled = house.dalaba(&["enrol", &county.code(name), "--county", &address]);
    assert!(enrolled.status.success(), "{enrolled:?}");
    house
}

fn newest(house: &House) -> i64 {
    Reader::open(&house.state()).and_then(|log| log.newest()).unwrap_or_default()
}

/// Waits until everybody has this number of the campaign in force.
fn until_active(houses: &[House; 2], serial: u64) {
    poll::until("the bundle in force", SOON * 2, || {
        let has = |house: &House| house.status().1.campaigns.iter().any(|held| held.serial == serial);
        houses.iter().all(has).then_some(())
    });
}

#[test]
fn couriers_deliver_each_record_once_while_a_node_and_the_database_are_killed() {
    let mut postgres = Postgres::start();
    let mut county = County::open(&postgres.url(), &[postgres.url(), postgres.url()]);
    let houses = NAMES.map(|name| village(&county, name));
    let running = houses.each_ref().map(House::start);
    county.publish();
    until_active(&houses, 1);
    county.kill(0);
    postgres.kill();
    postgres.begin();
    county.publish();
    until_active(&houses, 2);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open(&Address::from_str(&postgres.url()).unwrap())).unwrap();
    for (house, name) in houses.iter().zip(NAMES) {
        let least = newest(house);
        let log = poll::until("the records at the county", SOON * 2, || {
            let logs = runtime.block_on(store.logs(name)).unwrap();
            assert!(logs.len() <= 1, "{logs:?}");
            logs.into_iter().find(|log| log.through >= least)
        });
        let stored = runtime.block_on(store.facts(name, &log.epoch, 0, u32::MAX)).unwrap();
        let stored: Vec<_> = stored.into_iter().map(|stored| stored.fact).collect();
        let written = Reader::open(&house.state()).unwrap().facts(0, stored.len()).unwrap();
        assert_eq!(stored, written, "{name}");
        println!("{name}: {} records, each there once", stored.len());
    }
    for (daemon, house) in running.into_iter().zip(&houses) {
        daemon.end("TERM");
        house.verified();
    }
}
