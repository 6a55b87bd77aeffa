//! From an alert at the county to its first sample at a village on this machine: the real server over TLS, the real courier,
//! the real daemon. `ALERTS=5` makes it short.
//!
//! The clock starts before the alert is signed and posted, and stops at the instant that the player gives for the first
//! sample, which is the `started` of the record. The output is `null`, which keeps the pace of a real one.

#![expect(clippy::unwrap_used, reason = "a benchmark fails where it stands")]

#[path = "../tests/support/daemon.rs"]
#[expect(dead_code, reason = "shared with the tests of the daemon")]
mod daemon;
#[path = "../tests/courier/office.rs"]
#[expect(dead_code, reason = "shared with the tests of the courier")]
mod office;
#[path = "../tests/support/poll.rs"]
mod poll;

use std::env;
use std::time::Duration;

use dalaba::station::clock;
use dalaba::station::control::{ControlReply, Request, StatusReport, call};
use dalaba::station::journal::Entry;

use daemon::{House, SOON};
use office::Office;

/// Alerts of each kind, unless `ALERTS` says otherwise.
const ALERTS: usize = 200;

/// To the first sample, where the text was spoken before.
const RENDERED: Duration = Duration::from_millis(300);

/// To the first sample, where it has to be spoken first: GB 16806, EN 54-16.
const SPOKEN: Duration = Duration::from_secs(3);

/// Between two alerts, until the village asks again: none comes while nobody waits for it.
const REST: Duration = Duration::from_millis(700);

fn main() {
    let count = env::var("ALERTS").ok().and_then(|text| text.parse().ok()).unwrap_or(ALERTS);
    let office = Office::open("127.0.0.1:0", true);
    let house = House::of(&["赵家庄"]);
    office.enrol(&house, "赵家庄", office.at());
    let running = house.start();
    poll::until("the county", SOON, || status(&house).county?.online.then_some(()));
    // The first one renders what the others find.
    delay(&office, &house, "请不要出门。");
    let rendered = (0..count).map(|_| delay(&office, &house, "请不要出门。")).collect();
    show("rendered", rendered, RENDERED);
    let spoken =
        (0..count).map(|n| delay(&office, &house, &format!("第{n}次通知，请不要出门，注意安全。"))).collect();
    show("with synthesis", spoken, SPOKEN);
    running.end("TERM");
    house.verified();
}

/// Sends out an alert, waits until it sounds, and silences it; returns how long it took to its first sample.
fn delay(office: &Office, house: &House, text: &str) -> Duration {
    poll::pass(REST);
    let known = house.entries().len();
    let began = clock::wall();
    office.alert(text);
    poll::until("a first sample", SOON, || {
        let status = status(house);
        let on_air = status.stations.first()?.on_air.as_ref()?;
        (on_air.heard_ms > 0).then_some(())
    });
    call(&house.state(), &Request::Stop { stations: Vec::new() }).unwrap();
    let entry: Entry = poll::until("its end", SOON, || {
        house.entries().into_iter().nth(known).filter(|entry| entry.close.is_some())
    });
    assert_eq!(entry.text.as_deref(), Some(text));
    let started = entry.close.unwrap().started.unwrap();
    (started - began).to_std().unwrap_or_default()
}

fn status(house: &House) -> StatusReport {
    match call(&house.state(), &Request::Status) {
        Ok(ControlReply::Status(report)) => *report,
        other => panic!("{other:?}"),
    }
}

fn show(kind: &str, mut delays: Vec<Duration>, limit: Duration) {
    delays.sort_unstable();
    let at = |percent: usize| delays[(delays.len() * percent / 100).min(delays.len() - 1)];
    println!(
        "alert at the county → first sample, {kind}: p50 {:.0?}, p99 {:.0?}, most {:.0?}, of {}; p99 is {:.2} of the limit of {limit:?}",
        at(50),
        at(99),
        delays[delays.len() - 1],
        delays.len(),
        at(99).as_secs_f64() / limit.as_secs_f64()
    );
}
