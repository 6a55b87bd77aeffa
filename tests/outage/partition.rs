//! Wires are cut, and nobody is told.

use std::time::Duration;

use dalaba::station::clock;

use super::cable::Cable;
use super::county::{County, SOON};
use super::poll;
use super::postgres::Postgres;
use super::villages::Villages;

/// Longest time in which a node says that it cannot reach its database: what it takes, and a busy machine.
const REFUSED_WITHIN: Duration = Duration::from_secs(30);

/// Time in which a node hears of what another one published without being told: its round is a second.
const ROUND: Duration = Duration::from_secs(8);

/// Returns the port in the URL of a database.
fn port(url: &str) -> u16 {
    url.rsplit_once('/').unwrap().0.rsplit_once(':').unwrap().1.parse().unwrap()
}

/// Returns the URL of a database at the near end of a cable.
fn through(cable: &Cable, postgres: &Postgres) -> String {
    let url = postgres.url();
    url.replace(&port(&url).to_string(), &cable.port().to_string())
}

#[test]
fn a_node_cut_off_from_the_database_refuses_within_bounds_and_comes_back_by_itself() {
    let postgres = Postgres::start();
    let cable = Cable::to(port(&postgres.url()));
    let county = County::open(&postgres.url(), &[through(&cable, &postgres), postgres.url()]);
    county.publish();
    let villages = Villages::at_work(&county, 6, county.port());
    // Some come to the node that will be cut off, past HAProxy.
    let stubborn = Villages::named(&county, "山", 2, county.node_port(0));
    // So that many connections to the database lie ready when it is cut off, and each of them is a trap afterwards.
    county.ask_many_at_once(0);
    cable.cut();
    let began = clock::steady();
    assert_eq!(county.try_root(0, REFUSED_WITHIN), (503, true));
    println!("refused after {:?}", clock::steady().saturating_sub(began));
    county.publish();
    villages.until_news(2);
    villages.go_on();
    assert!(!county.node_is_well(0));
    cable.mend();
    poll::until("the node's return", SOON, || county.node_is_well(0).then_some(()));
    stubborn.until_news(2);
    stubborn.go_on();
    villages.go_on();
    stubborn.account(&postgres.url(), 2);
    villages.account(&postgres.url(), 2);
}

#[test]
fn a_transaction_that_a_silent_node_left_open_is_ended_and_its_villages_go_on() {
    let postgres = Postgres::start();
    let cable = Cable::to(port(&postgres.url()));
    let county = County::open(&postgres.url(), &[through(&cable, &postgres)]);
    county.publish();
    let villages = Villages::at_work(&county, 2, county.port());
    cable.swallow_at("COMMIT");
    poll::until("a commit that nobody hears", SOON, || (!cable.waits_for_its_word()).then_some(()));
    // The records that it was to commit come again, and find their log locked.
    villages.go_on();
    villages.account(&postgres.url(), 1);
}

#[test]
fn villages_cut_off_from_the_county_catch_up_when_they_are_back() {
    let postgres = Postgres::start();
    let county = County::open(&postgres.url(), &[postgres.url(), postgres.url()]);
    county.publish();
    let cable = Cable::to(county.port());
    let far = Villages::at_work(&county, 3, cable.port());
    let near = Villages::named(&county, "近", 3, county.port());
    cable.cut();
    poll::until("silence", SOON, || far.has_stopped().then_some(()));
    county.publish();
    near.until_news(2);
    near.go_on();
    county.publish();
    cable.mend();
    far.until_news(3);
    far.go_on();
    far.account(&postgres.url(), 3);
    near.account(&postgres.url(), 3);
}

#[test]
fn a_node_that_no_longer_hears_the_other_learns_what_it_published_within_a_round() {
    let postgres = Postgres::start();
    let cable = Cable::to(port(&postgres.url()));
    let county = County::open(&postgres.url(), &[postgres.url(), through(&cable, &postgres)]);
    county.publish();
    let deaf = Villages::at_work(&county, 3, county.node_port(1));
    assert_eq!(cable.silence_those_that_said("LISTEN"), 1);
    let before = clock::steady();
    county.publish_at(0);
    let took = clock::steady().saturating_sub(before);
    deaf.until_news(2);
    let since = clock::steady().saturating_sub(before);
    println!("published in {took:?}, heard after {since:?}");
    assert!(since < took + ROUND, "{since:?}");
    deaf.account(&postgres.url(), 2);
}
