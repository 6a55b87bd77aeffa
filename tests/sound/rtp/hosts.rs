//! Several horns on a village's network: what they hear, what is on the wire, and what is told when the wire is cut.

use std::io::Read;
use std::net::Ipv4Addr;
use std::thread;
use std::time::Duration;

use dalaba::model::{Outcome, Reason, Setting};
use dalaba::output;
use dalaba::station::player::{How, PlayerEvent};

use super::lan::{INTERFACE, Lan};
use super::listener::{Listener, samples};
use super::{SOON, Village, selection, text};
use crate::support::correlate::correlation;
use crate::support::county::{County, in_seconds, once};
use crate::support::{noise, poll};

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 1, 2, 3);
const ANNOUNCED: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 255);

/// Options of a station that sends without loss, in packets of 10 ms.
fn plain(more: &[(&'static str, Setting)]) -> Vec<(&'static str, Setting)> {
    let mut options = vec![("codec", text("l16")), ("interface", text(INTERFACE))];
    options.extend_from_slice(more);
    options
}

/// A packet as the wire carried it.
struct Whole(Vec<u8>);

impl Whole {
    fn class(&self) -> u8 {
        self.0[1] >> 2
    }
    fn ttl(&self) -> u8 {
        self.0[8]
    }
    fn to(&self) -> (Ipv4Addr, u16) {
        (
            Ipv4Addr::from([self.0[16], self.0[17], self.0[18], self.0[19]]),
            u16::from_be_bytes([self.0[22], self.0[23]]),
        )
    }
    fn content(&self) -> &[u8] {
        &self.0[28..]
    }
}

/// Waits for a packet that is as wanted.
fn seen(tap: &mut socket2::Socket, what: &str, wanted: impl Fn(&Whole) -> bool) -> Whole {
    tap.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    poll::until(what, SOON, || {
        let mut bytes = vec![0; 2048];
        let length = tap.read(&mut bytes).ok()?;
        bytes.truncate(length);
        Some(Whole(bytes)).filter(&wanted)
    })
}

#[test]
fn every_horn_hears_a_multicast_and_the_wire_shows_its_class_its_reach_and_its_announcement() {
    let Some(lan) = Lan::make(3) else { return };
    let horns: Vec<Listener> = (1..=3).map(|horn| Listener::on(lan.listen(horn, GROUP, 5004))).collect();
    let mut tap = lan.tap(1, &[GROUP, ANNOUNCED]);
    let clip = noise::clip(60, 400);
    let options = plain(&[
        ("ttl", Setting::Integer(3)),
        ("dscp", Setting::Integer(34)),
        ("announce", Setting::Flag(true)),
        ("title", text("赵家庄")),
    ]);
    let (village, standing) = thread::scope(|scope| {
        let there = || {
            lan.enter(0);
            let station = selection("239.1.2.3:5004", &options);
            let standing = output::kind(&station).unwrap().standing.unwrap()(&station);
            (Village::open(station), standing)
        };
        scope.spawn(there).join().unwrap()
    });
    let hello = seen(&mut tap, "an announcement", |packet| packet.to() == (ANNOUNCED, 9875));
    assert_eq!((hello.ttl(), hello.class()), (3, 34));
    let said = String::from_utf8_lossy(&hello.content()[8..]).into_owned();
    assert!(said.starts_with("application/sdp\0v=0\r\n"), "{said}");
    for line in [
        "s=赵家庄",
        "c=IN IP4 239.1.2.3/3",
        "m=audio 5004 RTP/AVP 96",
        "a=rtpmap:96 L16/48000/1",
        "a=ptime:10",
    ] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    assert!(said.contains("IN IP4 10.214.0.1\r\n"), "{said}");
    assert_eq!(hello.content()[0], 0x20);
    village.up();
    village.play("airing", &clip);
    assert_eq!(village.ended().0, How::Drained);
    for horn in &horns {
        let packets = horn.wait_for(40);
        assert_eq!(packets.len(), 40);
        assert!(correlation(&samples(&packets), &clip.samples) > 0.9999);
    }
    let sound = seen(&mut tap, "sound", |packet| packet.to() == (GROUP, 5004));
    assert_eq!((sound.ttl(), sound.class()), (3, 34));
    drop(standing);
    let bye = seen(&mut tap, "the deletion", |packet| packet.to().1 == 9875 && packet.content()[0] == 0x24);
    assert_eq!(bye.content()[1..8], hello.content()[1..8], "of the same announcement, by the same host");
}

#[test]
fn when_the_interface_dies_amid_a_message_what_was_heard_is_exact_and_the_stream_goes_on_after() {
    let Some(lan) = Lan::make(1) else { return };
    let horn = Listener::on(lan.listen(1, GROUP, 5004));
    let village = thread::scope(|scope| {
        let there = || {
            lan.enter(0);
            Village::open(selection("239.1.2.3:5004", &plain(&[])))
        };
        scope.spawn(there).join().unwrap()
    });
    village.up();
    village.play("long", &noise::clip(61, 8_000));
    horn.wait_for(50);
    lan.switch(INTERFACE, "down");
    let (how, heard) = village.ended();
    let How::Lost(words) = how else { panic!("{how:?}") };
    assert!(words.zh.contains("239.1.2.3:5004") && words.en.contains("239.1.2.3:5004"), "{words}");
    let before = horn.packets();
    // One may be on its way into the dying interface.
    let counted = u64::try_from(heard.as_millis()).unwrap() / 10;
    assert!(counted.abs_diff(before.len() as u64) <= 1, "{heard:?} and {} packets", before.len());
    lan.switch(INTERFACE, "up");
    village.player.warm();
    while village.event() != PlayerEvent::Up {}
    village.play("again", &noise::clip(62, 300));
    assert_eq!(village.ended().0, How::Drained);
    let after = horn.wait_for(before.len() + 30);
    let next = &after[before.len()];
    assert_eq!(next.source, before[0].source);
    assert!(next.first);
}

#[test]
fn without_a_route_the_fault_says_so_and_names_what_to_write() {
    let Some(lan) = Lan::make(1) else { return };
    let events = thread::scope(|scope| {
        let there = || {
            lan.enter(0);
            let routeless = Village::open(selection("239.1.2.3:5004", &[])).event();
            let strange = Village::open(selection("239.1.2.3:5004", &[("interface", text("eth9"))])).event();
            [routeless, strange]
        };
        scope.spawn(there).join().unwrap()
    });
    let [PlayerEvent::Down(routeless), PlayerEvent::Down(strange)] = events else { panic!("{events:?}") };
    assert!(
        routeless.zh.contains("写上 `interface`") && routeless.en.contains("name an `interface`"),
        "{routeless}"
    );
    assert!(strange.zh.contains("eth9") && strange.en.contains("no network interface named"), "{strange}");
}

#[test]
fn a_cable_pulled_amid_a_message_is_on_record_and_the_next_message_is_heard() {
    let Some(lan) = Lan::make(1) else { return };
    let horn = Listener::on(lan.listen(1, GROUP, 5004));
    let mut county = County::with(&format!(
        "[[station]]\nid = \"赵家庄\"\noutput = {{ kind = \"rtp\", address = \"239.1.2.3:5004\", codec = \"l16\", interface = \"{INTERFACE}\" }}\n"
    ));
    county.recording("long.wav", &noise::clip(63, 12_000));
    county.recording("short.wav", &noise::clip(64, 1_000));
    let due = in_seconds(5);
    let messages = "\n[[message]]\nid = \"长\"\naudio = \"long.wav\"\n\n[[message]]\nid = \"短\"\naudio = \"short.wav\"\n";
    let (long, short) =
        (once(due, "messages = [\"长\"]"), once(due + chrono::TimeDelta::seconds(4), "messages = [\"短\"]"));
    county.playlist("日常", &format!("{messages}{long}{short}"));
    county.start_through(lan.through());
    horn.wait_for(100);
    // The horn's end of the cable stays as it is; the bridge loses its only carrier.
    lan.switch("horn1", "down");
    let close = county.closed("赵家庄", "日常", Some("长"));
    assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::OutputFailed)));
    let received = Duration::from_millis(10 * horn.packets().len() as u64);
    let heard = close.heard.unwrap();
    println!("{heard:?} on record, {received:?} at the horn");
    assert!(
        heard >= received && heard.saturating_sub(received) < Duration::from_millis(700),
        "{heard:?}, {received:?}"
    );
    lan.switch("horn1", "up");
    let close = county.closed("赵家庄", "日常", Some("短"));
    assert!(matches!(close.outcome, Outcome::Completed | Outcome::CompletedLate), "{close:?}");
    assert!(horn.packets().len() as u64 >= u64::try_from(received.as_millis()).unwrap() / 10 + 95);
}
