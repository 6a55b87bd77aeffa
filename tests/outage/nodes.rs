//! Nodes and the database die.

use super::county::{County, SOON};
use super::poll;
use super::postgres::Postgres;
use super::villages::Villages;

/// Opens a county with two nodes on one PostgreSQL, and villages that report and wait through HAProxy.
fn county(postgres: &Postgres) -> (County, Villages) {
    let url = postgres.url();
    let county = County::open(&url, &[url.clone(), url.clone()]);
    county.publish();
    let villages = Villages::at_work(&county, 6, county.port());
    (county, villages)
}

#[test]
fn a_node_that_is_killed_loses_nothing_and_its_villages_go_on_at_the_other() {
    let postgres = Postgres::start();
    let (mut county, villages) = county(&postgres);
    county.kill(0);
    county.publish();
    villages.until_news(2);
    villages.go_on();
    county.start(0);
    county.kill(1);
    county.publish();
    villages.until_news(3);
    villages.go_on();
    county.start(1);
    villages.go_on();
    villages.account(&postgres.url(), 3);
}

#[test]
fn a_database_that_is_killed_while_records_come_in_loses_none_that_was_acknowledged() {
    let mut postgres = Postgres::start();
    let (county, villages) = county(&postgres);
    for _ in 0..3 {
        postgres.kill();
        poll::until("nodes that say that they cannot work", SOON, || {
            (0..2).all(|node| !county.node_is_well(node)).then_some(())
        });
        postgres.begin();
        villages.go_on();
    }
    county.publish();
    villages.account(&postgres.url(), 2);
}

#[test]
fn everything_killed_at_once_comes_back_with_all_that_was_acknowledged() {
    let mut postgres = Postgres::start();
    let (mut county, villages) = county(&postgres);
    county.kill(0);
    county.kill(1);
    postgres.kill();
    postgres.begin();
    county.start(0);
    county.start(1);
    villages.go_on();
    county.publish();
    villages.account(&postgres.url(), 2);
}
