//! How long it takes from an alert at the door to its first sample; `DALABA_ALERTS=50` measures over so many of each kind.
//!
//! The clock starts before `dalaba import` is started, and stops at the instant that the player gives for the first sample,
//! which is the `started` of the record. The output is `null`, which keeps the pace of a real one.

use std::env;
use std::time::Duration;

use dalaba::station::clock;
use dalaba::station::journal::Entry;

use super::alerts::County;

/// Five of each kind tell whether something is wrong altogether, on a machine that is busy with other tests.
const FEW: usize = 5;

/// EN 54-16: ten seconds at the worst.
const WORST: Duration = Duration::from_secs(10);

#[test]
fn an_alert_has_its_first_sample_in_time_rendered_or_not() {
    let count = env::var("DALABA_ALERTS").ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    let county = County::new("");
    let running = county.house.start();
    // The first one renders what the others find, and opens the output.
    delay(&county, "请不要出门。", 0);
    let rendered: Vec<Duration> = (1..=count).map(|n| delay(&county, "请不要出门。", n)).collect();
    let spoken: Vec<Duration> = (1..=count)
        .map(|n| delay(&county, &format!("今天第{n}次通知，请不要出门，注意安全。"), count + n))
        .collect();
    for (kind, mut delays) in [("rendered", rendered), ("with synthesis", spoken)] {
        delays.sort_unstable();
        let at = |percent: usize| delays[(delays.len() * percent / 100).min(delays.len() - 1)];
        println!(
            "{kind}: p50 {:?}, p99 {:?}, most {:?}, of {count}",
            at(50),
            at(99),
            delays[delays.len() - 1]
        );
        assert!(delays[delays.len() - 1] < WORST, "{kind}: {delays:?}");
    }
    running.end("TERM");
    county.house.verified();
}

/// Issues, imports, waits until it is heard, and silences it.
fn delay(county: &County, text: &str, number: usize) -> Duration {
    let file = format!(":{number}.json");
    let words = [
        "new",
        "--event",
        "暴雨",
        "--text",
        text,
        "--to",
        "赵家庄",
        "--priority",
        "emergency",
        "--repeat",
        "once",
    ];
    let name = county.issues(&words, &["王"], &file);
    let began = clock::wall();
    county.import(&file);
    county.until_on_air(&name);
    county.done(&["stop"]);
    let entry: Entry = county.wait("its end", &name, |_| true);
    let started = entry.close.unwrap().started.unwrap();
    (started - began).to_std().unwrap_or_default()
}
