//! Three villages, each in a network of its own behind a bad line.
//!
//! A line of 10 kbit/s takes 27 minutes for two megabytes. Here it has that pace for its first seconds, in which enrolment,
//! TLS and the envelope pass, and then one at which the test ends in time; delays, stalls and resets are what they are.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use dalaba::model::Digest;
use dalaba::wire::Step;
use rustix::process::geteuid;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::daemon::{House, SOON};
use super::line::{Line, Weather};
use super::office::{Office, Told, noise, quiet_playlist, slots};
use super::poll;

/// A network with one cable to ours; gone when dropped.
struct Network {
    name: String,
    cable: String,
    /// Our end's address.
    here: String,
}

fn ip(words: &[&str]) {
    let output = Command::new("ip").args(words).output().unwrap();
    assert!(output.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Network {
    fn make(number: u8) -> Self {
        let unique = std::process::id() % 100_000;
        let (name, cable) = (format!("dalaba-{unique}-{number}"), format!("dl{unique}n{number}"));
        let (far, here) = (format!("df{unique}n{number}"), format!("10.213.{number}.1"));
        let network = Self { name, cable, here };
        ip(&["netns", "add", &network.name]);
        ip(&["link", "add", &network.cable, "type", "veth", "peer", "name", &far, "netns", &network.name]);
        ip(&["address", "add", &format!("{}/24", network.here), "dev", &network.cable]);
        ip(&["link", "set", &network.cable, "up"]);
        ip(&["-n", &network.name, "address", "add", &format!("10.213.{number}.2/24"), "dev", &far]);
        ip(&["-n", &network.name, "link", "set", &far, "up"]);
        ip(&["-n", &network.name, "link", "set", "lo", "up"]);
        network
    }

    /// Brings this thread, and every process that it starts, into the network.
    fn enter(&self) {
        let network = File::open(Path::new("/run/netns").join(&self.name)).unwrap();
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // What is not there cannot be taken away.
        let _ = Command::new("ip").args(["link", "del", &self.cable]).output();
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}

const SLOW: Weather = Weather {
    delay: Duration::from_millis(500),
    rate: 1_250,
    reset_after: 0,
    stall_after: 0,
    portal: false,
    closed: false,
};
const FAIR: Weather = Weather { rate: 120_000, ..SLOW };

/// What happens on each village's line while the bundle comes.
fn bad_luck(number: u8, line: &Line) {
    let carried = |bytes: u64| {
        poll::until("some of the bundle", SOON * 3, || (line.carried() > bytes).then_some(()));
    };
    match number {
        // As slow as it gets, and then bearable.
        1 => {
            poll::pass(Duration::from_secs(15));
            line.turn(FAIR);
        }
        // The line falls silent in the middle, and nobody says so.
        2 => {
            line.turn(Weather { stall_after: 300_000, ..FAIR });
            carried(300_000);
            line.turn_for_the_next(FAIR);
        }
        // Reset again and again; in between somebody wants a login, and somebody pulls the plug.
        _ => {
            line.turn(Weather { reset_after: 350_000, ..FAIR });
            carried(500_000);
            line.turn(Weather { portal: true, ..FAIR });
            poll::pass(Duration::from_secs(4));
            line.turn(Weather { closed: true, ..FAIR });
            poll::pass(Duration::from_secs(2));
            line.turn(Weather { reset_after: 350_000, ..FAIR });
        }
    }
}

fn village(office: &Office, number: u8, payload: &Digest, recording: &[u8]) {
    let network = Network::make(number);
    let line = Line::lay(&format!("{}:0", network.here), office.at(), SLOW);
    network.enter();
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    let site = format!("村{number}");
    office.enrol(&house, &site, line.at());
    let running = house.start();
    bad_luck(number, &line);
    office.wait_until_active(&site, payload);
    // Whole, in force, once.
    assert_eq!(std::fs::read(house.path("state/county/campaigns/春运/1/audio/a.wav")).unwrap(), recording);
    assert_eq!(office.steps(&site, payload), [Step::Received, Step::Verified, Step::Active]);
    assert_eq!(slots(&house.state(), "春运"), ["1", "active.json"]);
    let campaigns = house.status().1.campaigns;
    assert_eq!(campaigns.len(), 1, "{campaigns:?}");
    println!("village {number}: {} bytes over the line", line.carried());
    running.end("TERM");
}

#[test]
fn three_villages_behind_bad_lines_get_two_megabytes_whole_and_once() {
    if !geteuid().is_root() {
        println!("only root may make networks");
        return;
    }
    let office = Office::open("127.0.0.1:0", true);
    let recording = noise(2_000_000);
    let files = [("broadcasts/a.toml", quiet_playlist(Some("a.wav"))), ("audio/a.wav", recording.clone())];
    let payload = office.publish("春运", 1, None, &files);
    thread::scope(|scope| {
        for number in 1..=3 {
            let (office, payload, recording) = (&office, &payload, &recording);
            scope.spawn(move || village(office, number, payload, recording));
        }
    });
}
