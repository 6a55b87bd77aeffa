//! Villages in real rhythm, for a day or as long as `SOAK_SECONDS` says: the real server over TLS, real couriers, real daemons
//! on the output `null`, which keeps the pace of a real one. `make soak` takes the whole day.
//!
//! 村东 loses the county soon after the beginning, has it back for the last tenth, and loses its power ten times at moments that
//! a printed seed decides. 村西 keeps its county, over 10 kbit/s, over which a bundle of two megabytes comes; its daemon is never
//! ended, so that it shows what grows. Both air two messages a minute, one of their own and one of the county's. In the
//! end every minute is looked up in the log, and every record at the county.

#![expect(clippy::unwrap_used, reason = "a benchmark fails where it stands")]

#[path = "../../tests/support/daemon.rs"]
#[expect(dead_code, reason = "shared with the tests of the daemon")]
mod daemon;
mod day;
#[path = "../../tests/courier/line.rs"]
#[expect(dead_code, reason = "shared with the tests of the courier")]
mod line;
#[path = "../../tests/courier/office.rs"]
#[expect(dead_code, reason = "shared with the tests of the courier")]
mod office;
#[path = "../../tests/support/poll.rs"]
mod poll;

use std::env;
use std::fs;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::model::Digest;
use dalaba::station::clock;
use dalaba::wire::Step;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use daemon::{House, Running, playlist};
use day::Day;
use line::{Line, Weather};
use office::{Office, noise, quiet_playlist};

/// How long, unless `SOAK_SECONDS` says otherwise: enough to see that all of it works.
const SECONDS: u64 = 240;

/// What comes over the slow line in a whole day, in bytes; less where the time is short.
const RECORDING: u64 = 2_000_000;

/// 10 kbit/s.
const SLOW: Weather = Weather {
    delay: Duration::from_millis(300),
    rate: 1_250,
    reset_after: 0,
    stall_after: 0,
    portal: false,
    closed: false,
};

/// Power cuts.
const CUTS: u32 = 10;

/// How long the power is off.
const DARK: Duration = Duration::from_secs(5);

/// A village, its line, and its daemon.
struct Village {
    name: &'static str,
    house: House,
    line: Line,
    running: Running,
    /// From the cut to when it was ready again.
    dark: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Village {
    fn open(name: &'static str, office: &Office, weather: Weather) -> Self {
        let house = House::of(&[name]);
        house.playlist("日常", "安全带就是生命带", "0 * * * * *", "10s");
        let line = Line::lay("127.0.0.1:0", office.at(), weather);
        office.enrol(&house, name, line.at());
        let running = house.start();
        Self { name, house, line, running, dark: Vec::new() }
    }

    /// Takes the power away and gives it back.
    fn cut(self) -> Self {
        let Self { name, house, line, running, mut dark } = self;
        let at = clock::wall();
        running.kill();
        poll::pass(DARK);
        let running = house.start();
        dark.push((at, running.ready));
        Self { name, house, line, running, dark }
    }

    /// What the daemon holds: memory in kB, open files, threads.
    fn holds(&self) -> [usize; 3] {
        let of = |name: &str| format!("/proc/{}/{name}", self.running.id());
        let status = fs::read_to_string(of("status")).unwrap();
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        [number("VmRSS:"), fs::read_dir(of("fd")).unwrap().count(), number("Threads:")]
    }

    /// Waits until the county has all records, ends the daemon, and looks at every minute.
    fn close(self, office: &Office, began: DateTime<Utc>, countys: DateTime<Utc>) {
        self.running.end("TERM");
        let ended = clock::wall();
        // What the daemon said last, it says to the county when it is started once more.
        let running = self.house.start();
        let records = office.wait_for_all_records(&self.house, self.name);
        running.end("TERM");
        self.house.verified();
        println!("{}: {records} records at the county, each once and in order", self.name);
        let entries = self.house.entries();
        for (name, from) in [("日常", began), ("春运.头盔", countys)] {
            let day = Day::of(&entries, name, from, ended, &self.dark);
            println!("{}: {name}: {day}", self.name);
            day.check();
        }
    }
}

fn main() {
    let seconds = env::var("SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let seed =
        env::var("SOAK_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random::<u64>);
    println!("{seconds} s, seed {seed}");
    let (whole, mut random) = (Duration::from_secs(seconds), StdRng::seed_from_u64(seed));
    let start = clock::steady();
    let office = Office::open("127.0.0.1:0", true);
    let mut east = Village::open("村东", &office, Weather::default());
    let west = Village::open("村西", &office, SLOW);
    let began = west.running.ready.max(east.running.ready);

    let (published, payload) = publish(&office, seconds);
    office.wait_until_active("村东", &payload);
    let in_the_east = clock::wall();
    east.line.turn(Weather { closed: true, ..Weather::default() });
    println!("村东 has the bundle and loses the county");

    let (mut in_the_west, mut early) = (None, None);
    for cut in 0..=CUTS {
        // The last stretch is the tenth of the time at the end, in which the county is back.
        let until = start + whole * (cut + 1) / (CUTS + 1);
        let moment = until.saturating_sub(whole.mul_f64(random.random_range(0.0..0.8) / f64::from(CUTS + 1)));
        while clock::steady() < if cut < CUTS { moment } else { until } {
            poll::pass(Duration::from_millis(500));
            if in_the_west.is_none() && office.steps("村西", &payload).contains(&Step::Active) {
                in_the_west = Some(clock::wall());
                println!("村西 has the bundle after {}", clock::wall() - published);
            }
        }
        early = early.or_else(|| in_the_west.map(|_| west.holds()));
        if cut < CUTS {
            east = east.cut();
        }
        if cut + 1 == CUTS {
            east.line.turn(Weather::default());
            println!("村东 has the county back");
        }
    }
    let late = west.holds();
    if let Some(early) = early {
        println!("村西's daemon, kB, files and threads: {early:?} and at the end {late:?}");
    }
    east.close(&office, began, in_the_east);
    west.line.turn(Weather::default());
    west.close(&office, began, in_the_west.expect("the bundle came over the slow line"));
}

/// Publishes a minute's message and a recording; returns when, and the sum of the signed bytes.
fn publish(office: &Office, seconds: u64) -> (DateTime<Utc>, Digest) {
    let bytes = RECORDING.min(seconds * SLOW.rate / 3);
    let files = [
        ("broadcasts/头盔.toml", playlist("骑乘电动车请佩戴安全头盔", "30 * * * * *", "10s").into_bytes()),
        ("broadcasts/录音.toml", quiet_playlist(Some("a.wav"))),
        ("audio/a.wav", noise(u32::try_from(bytes).unwrap())),
    ];
    println!("{bytes} bytes of recording over {} bytes a second", SLOW.rate);
    let at = clock::wall();
    (at, office.publish("春运", 1, None, &files))
}
