//! Thirty-two stations at once on RTP from one daemon, and thirty-two processes of ffmpeg that send the same recording
//! in the same coding, one after the other in one run: packets lost, packets late, processor and memory.
//!
//! `RTP_STATIONS=4 RTP_SECONDS=5` makes it short.
//!
//! Lateness is what a receiver sees: how much later than its timestamp says a packet comes, counted from the packet of
//! the same stream that came earliest. The receivers share the machine, and their own delays count in. A packet that
//! is later than the smallest buffer of the phones we know is an underrun: the sound breaks there.

#![expect(clippy::unwrap_used, reason = "a benchmark fails where it stands")]

#[path = "../../tests/support/daemon.rs"]
#[expect(dead_code, reason = "shared with the tests of the daemon")]
mod daemon;
#[path = "../../tests/support/noise.rs"]
mod noise;
#[path = "../../tests/support/poll.rs"]
mod poll;
mod receivers;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Asia::Shanghai;
use dalaba::station::clock;

use daemon::{House, SOON};
use receivers::Receivers;

/// Stations, unless `RTP_STATIONS` says otherwise.
const STATIONS: usize = 32;

/// Seconds of sound, unless `RTP_SECONDS` says otherwise.
const SECONDS: usize = 30;

/// What phones hold back at the least before they play.
const BUFFER: Duration = Duration::from_millis(60);

/// What processes cost together.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// Processor time, in ticks of 10 ms.
    ticks: u64,
    /// Memory that is theirs, with their share of what they share, kB.
    memory: u64,
}

fn main() {
    let number = |name: &str, usual| env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (stations, seconds) = (number("RTP_STATIONS", STATIONS), number("RTP_SECONDS", SECONDS));
    let clip = noise::clip(1, seconds * 1_000);
    let mine = ours(stations, seconds, &clip);
    let theirs = ffmpeg(stations, seconds, &clip);
    if let Some(theirs) = theirs {
        println!(
            "one daemon beside {stations} processes of ffmpeg: {:.2} of the processor, {:.2} of the memory",
            ratio(mine.ticks, theirs.ticks),
            ratio(mine.memory, theirs.memory)
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Lets a real daemon send to all receivers.
fn ours(stations: usize, seconds: usize, clip: &dalaba::model::Clip) -> Cost {
    let receivers = Receivers::open(stations);
    let house = House::of(&[]);
    let station = |(number, port): (usize, &u16)| {
        format!(
            "[[station]]\nid = \"村{number}\"\noutput = {{ kind = \"rtp\", address = \"127.0.0.1:{port}\" }}\n"
        )
    };
    let tables: String = receivers.ports.iter().enumerate().map(station).collect();
    house.write("config/station.toml", &format!("time_zone = \"Asia/Shanghai\"\n{tables}"));
    noise::write(clip, &house.path("audio/a.wav"));
    let running = house.start();
    let due = DateTime::from_timestamp(clock::wall().timestamp() + 10, 0).unwrap();
    let cron = due.with_timezone(&Shanghai).format("%-S %-M %-H %-d %-m *");
    house.write(
        "broadcasts/a.toml",
        &format!(
            "title = \"试\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\naudio = \"a.wav\"\n[[schedule]]\ncron = \"{cron}\"\n"
        ),
    );
    poll::until("the first packets", SOON, || receivers.all_hear().then_some(()));
    let before = cost(&[running.id()]);
    let amid = span(seconds);
    poll::pass(amid);
    let after = cost(&[running.id()]);
    poll::until("all airings closed", SOON, || {
        (house.entries().iter().filter(|entry| daemon::heard(entry)).count() == stations).then_some(())
    });
    let first = receivers.first().unwrap();
    println!("the first of them {} ms after it was due", (first - due).num_milliseconds());
    let spent = Cost { ticks: after.ticks - before.ticks, memory: after.memory };
    show("dalaba", spent, amid, &receivers, seconds);
    running.end("TERM");
    spent
}

/// Returns the middle of the sound, in which the cost is counted.
fn span(seconds: usize) -> Duration {
    Duration::from_secs(seconds as u64).saturating_sub(Duration::from_secs(2)).max(Duration::from_secs(1))
}

/// Lets a process of ffmpeg send to each receiver; none where it is not installed.
fn ffmpeg(stations: usize, seconds: usize, clip: &dalaba::model::Clip) -> Option<Cost> {
    let folder = tempfile::tempdir().unwrap();
    let wav = noise::write(clip, &folder.path().join("a.wav"));
    let receivers = Receivers::open(stations);
    let mut senders: Vec<Child> =
        receivers.ports.iter().map(|port| sender(&wav, *port)).collect::<Option<_>>()?;
    let ids: Vec<u32> = senders.iter().map(Child::id).collect();
    poll::until("the first packets", SOON, || receivers.all_hear().then_some(()));
    let before = cost(&ids);
    let amid = span(seconds);
    poll::pass(amid);
    let after = cost(&ids);
    for sender in &mut senders {
        drop(sender.wait());
    }
    let spent = Cost { ticks: after.ticks - before.ticks, memory: after.memory };
    show("ffmpeg", spent, amid, &receivers, seconds);
    Some(spent)
}

fn sender(wav: &Path, port: u16) -> Option<Child> {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-re", "-i"]).arg(wav);
    // 160 bytes of sound and 12 of header: 20 ms, as ours.
    command.args(["-ar", "8000", "-ac", "1", "-c:a", "pcm_mulaw", "-f", "rtp"]);
    command.arg(format!("rtp://127.0.0.1:{port}?pkt_size=172"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

/// Adds up what living processes cost; one that ended meanwhile counts nothing more.
fn cost(ids: &[u32]) -> Cost {
    ids.iter().fold(Cost::default(), |sum, id| {
        let of = PathBuf::from(format!("/proc/{id}"));
        let stat = std::fs::read_to_string(of.join("stat")).unwrap_or_default();
        // Fields after the name in brackets; user and system time are the 12th and 13th of them.
        let fields: Vec<&str> = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ').collect();
        let ticks =
            |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        let rollup = std::fs::read_to_string(of.join("smaps_rollup")).unwrap_or_default();
        let share = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let memory = share.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        Cost { ticks: sum.ticks + ticks(11) + ticks(12), memory: sum.memory + memory.unwrap_or_default() }
    })
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn show(who: &str, spent: Cost, amid: Duration, receivers: &Receivers, seconds: usize) {
    let heard = receivers.judge(BUFFER);
    let core = spent.ticks as f64 / 100.0 / amid.as_secs_f64();
    println!(
        "{who}: {} streams of {seconds} s, {} packets, {} lost, {} later than {BUFFER:?} (underruns); late p50 {:.1?}, \
         p99 {:.1?}, most {:.1?}; {:.1} % of a core, {:.0} MB",
        receivers.ports.len(),
        heard.packets,
        heard.lost,
        heard.underruns,
        heard.late(50),
        heard.late(99),
        heard.late(100),
        core * 100.0,
        spent.memory as f64 / 1024.0
    );
    let missing = TimeDelta::seconds(i64::try_from(seconds).unwrap()) - heard.shortest;
    assert!(missing < TimeDelta::milliseconds(200), "{who} left {missing} of a stream out");
}
