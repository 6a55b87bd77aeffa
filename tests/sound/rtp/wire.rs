//! What is in the packets.

use std::net::UdpSocket;
use std::time::Duration;

use dalaba::model::{Priority, Setting};
use dalaba::output::{self, OpenContext, OutputFault};
use dalaba::station::clock;
use dalaba::station::player::{How, PlayerEvent};

use super::listener::{Listener, Packet, samples};
use super::{SOON, Village, selection, text};
use crate::support::correlate::{correlation, peak, samples_in};
use crate::support::{noise, poll};

/// Checks that one packet follows another without a gap in number or time.
fn assert_unbroken(packets: &[Packet], ticks: u32) {
    for pair in packets.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
        assert_eq!(pair[1].timestamp, pair[0].timestamp.wrapping_add(ticks));
        assert_eq!(pair[1].source, pair[0].source);
        assert!(!pair[1].first);
    }
}

#[test]
fn a_clip_arrives_whole_and_bit_for_bit_in_packets_of_the_time_asked_for() {
    let listener = Listener::here();
    let options = [("codec", text("l16")), ("packet_time", Setting::Length(Duration::from_millis(5)))];
    let village = Village::open(selection(&listener.at.to_string(), &options));
    village.up();
    // Not a whole number of packets: 503 ms.
    let clip = noise::clip(1, 503);
    village.play("airing", &clip);
    let (how, heard) = village.ended();
    assert_eq!((how, heard), (How::Drained, clip.length()));
    let packets = listener.wait_for(101);
    assert_eq!(packets.len(), 101);
    assert!(packets[0].first && packets.iter().all(|packet| packet.payload == 96));
    assert_unbroken(&packets, 240);
    let sound = samples(&packets);
    assert_eq!(sound.len(), 101 * 240);
    let (clip_part, silence) = sound.split_at(clip.samples.len());
    assert!(correlation(clip_part, &clip.samples) > 0.9999);
    assert!(peak(silence) == 0.0, "the last packet is filled with silence");
    let worst = clip_part.iter().zip(&clip.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1.0 / 16_384.0, "{worst}");
}

/// G.722 has 16,000 samples a second and counts 8,000, since RFC 1890 said so by mistake; all others count their samples.
#[test]
fn the_time_of_every_coding_is_counted_as_its_standard_says() {
    for (codec, payload, ticks) in
        [("pcmu", 0, 160), ("pcma", 8, 160), ("g722", 9, 160), ("l16", 96, 480), ("l16-44100", 11, 441)]
    {
        let listener = Listener::here();
        let village = Village::open(selection(&listener.at.to_string(), &[("codec", text(codec))]));
        village.up();
        village.play("airing", &noise::clip(6, 200));
        assert_eq!(village.ended().0, How::Drained);
        let packets = listener.wait_for(10);
        assert!(packets.iter().all(|packet| packet.payload == payload), "{codec}");
        assert_unbroken(&packets, ticks);
    }
}

#[test]
fn nothing_is_sent_between_slots_and_the_stream_runs_on_after_the_output_was_closed() {
    let listener = Listener::here();
    let to = selection(&listener.at.to_string(), &[]);
    let clip = noise::clip(2, 200);
    let talk = || {
        let context = OpenContext { clock: clock::steady };
        let mut output = output::open(&to, context).unwrap();
        for _ in 0..2 {
            clip.samples.chunks(960).for_each(|block| output.write(block).unwrap());
            output.drain().unwrap();
            assert_eq!(output.heard() % 9_600, 0);
            poll::pass(Duration::from_millis(300));
        }
    };
    talk();
    talk();
    let packets = listener.wait_for(40);
    assert_eq!(packets.len(), 40);
    let spurts: Vec<&[Packet]> = packets.chunks(10).collect();
    for spurt in &spurts {
        assert!(spurt[0].first, "the marker tells receivers where they may adjust their buffers");
        assert_unbroken(spurt, 160);
    }
    for pair in spurts.windows(2) {
        let (last, next) = (&pair[0][9], &pair[1][0]);
        assert_eq!((next.sequence, next.source), (last.sequence.wrapping_add(1), last.source));
        // Time ran on as the clock did, give or take what a busy machine takes to write and to receive.
        let ticks = next.timestamp.wrapping_sub(pair[0][0].timestamp);
        let passed = next.at.saturating_sub(pair[0][0].at).as_millis();
        assert!((u128::from(ticks / 8)).abs_diff(passed) < 150, "{ticks} ticks in {passed} ms");
    }
}

#[test]
fn numbers_begin_at_random() {
    let begin = || {
        let listener = Listener::here();
        let mut output =
            output::open(&selection(&listener.at.to_string(), &[]), OpenContext { clock: clock::steady })
                .unwrap();
        output.write(&vec![0.1; 4_800]).unwrap();
        output.drain().unwrap();
        listener.wait_for(1).remove(0)
    };
    let (one, other) = (begin(), begin());
    assert_ne!(one.source, other.source);
    assert_ne!((one.sequence, one.timestamp), (other.sequence, other.timestamp));
}

#[test]
fn two_stations_cannot_send_to_one_address() {
    let listener = Listener::here();
    let open =
        || output::open(&selection(&listener.at.to_string(), &[]), OpenContext { clock: clock::steady });
    let first = open().unwrap();
    assert!(matches!(open(), Err(OutputFault::Occupied { .. })));
    drop(first);
    assert!(open().is_ok());
}

#[test]
fn a_stop_is_obeyed_at_once_and_fades() {
    let listener = Listener::here();
    let village = Village::open(selection(&listener.at.to_string(), &[("codec", text("l16"))]));
    village.up();
    village.play("long", &noise::clip(3, 5_000));
    listener.wait_for(20);
    let before = listener.packets().len();
    village.player.stop();
    let (how, heard) = village.ended();
    assert_eq!(how, How::Stopped);
    let packets = listener.packets();
    // At most the block in hand, the fade, and what the packets that were cut had begun; 200 ms waited.
    assert!(packets.len() < before + 40, "{} packets after {before}", packets.len());
    let sound = samples(&packets);
    let heard = samples_in(heard);
    assert!(heard <= sound.len() && sound.len() - heard < 480, "{heard} of {}", sound.len());
    assert!(peak(&sound[heard.saturating_sub(8)..]) < 0.02, "it ends with a click");
}

#[test]
fn a_receiver_that_does_not_listen_is_told_and_what_was_heard_is_exact() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    let village = Village::open(selection(&at.to_string(), &[("codec", text("l16"))]));
    village.up();
    village.play("airing", &noise::clip(4, 5_000));
    let mut bytes = [0; 2048];
    let mut received = 0_u64;
    while received < 30 {
        socket.recv(&mut bytes).unwrap();
        received += 1;
    }
    // The phone is switched off amid the message; what was on the way is lost with it.
    drop(socket);
    let (how, heard) = village.ended();
    let How::Lost(words) = how else { panic!("{how:?}") };
    assert!(words.zh.contains("没有在收") && words.en.contains("does not listen"), "{words}");
    assert!(heard >= Duration::from_millis(10 * received), "{heard:?} of {received}");
    assert!(heard < Duration::from_millis(10 * received + 400), "{heard:?} of {received}");
    assert_eq!(heard.as_millis() % 10, 0, "whole packets: {heard:?}");
    // It comes back when the phone does.
    let _socket = UdpSocket::bind(at).unwrap();
    village.player.warm();
    loop {
        if village.event() == PlayerEvent::Up {
            break;
        }
    }
}

#[test]
fn stronger_messages_go_to_the_address_that_receivers_rank_higher() {
    let (usual, urgent) = (Listener::here(), Listener::here());
    let options = [("urgent", text(&urgent.at.to_string()))];
    let village = Village::open(selection(&usual.at.to_string(), &options));
    village.up();
    let clip = noise::clip(5, 100);
    let counts = || (usual.packets().len(), urgent.packets().len());
    let cases = [
        (Priority::Routine, (5, 0)),
        (Priority::Emergency, (5, 5)),
        (Priority::Urgent, (5, 10)),
        (Priority::Important, (10, 10)),
    ];
    for (priority, wanted) in cases {
        village.player.rank(priority);
        village.play("airing", &clip);
        assert_eq!(village.ended().0, How::Drained);
        poll::until("the packets", SOON, || (counts() == wanted).then_some(()));
    }
}

#[test]
fn the_first_packet_leaves_at_the_instant_at_which_the_start_was_placed() {
    let listener = Listener::here();
    let context = OpenContext { clock: clock::steady };
    let mut output = output::open(&selection(&listener.at.to_string(), &[]), context).unwrap();
    let at = clock::steady() + Duration::from_millis(300);
    assert!(output.place(at));
    noise::clip(6, 400).samples.chunks(960).for_each(|block| output.write(block).unwrap());
    output.drain().unwrap();
    assert_eq!(output.heard(), 19_200);
    let packets = listener.wait_for(20);
    assert_eq!((packets.len(), output.placed()), (20, Some(at)));
    // Never before; how little after is what the bench measures.
    assert!(
        packets[0].at >= at && packets[0].at < at + Duration::from_secs(1),
        "{:?}, {at:?}",
        packets[0].at
    );
}
