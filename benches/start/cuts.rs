//! How soon an emergency silences what sounds, and how soon it is heard itself: the real daemon, recorded.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Message, MessageId, Priority, Repeat, Status};
use dalaba::station::clock;
use dalaba::station::control::{Request, call};

use crate::ear::{Ear, Tape};
use crate::support::county::{County, in_seconds};
use crate::support::pulse::Pulse;
use crate::support::{noise, poll};
use crate::{BLOCK, Errors, millis};

/// Emergencies, each amid a message of its own.
const TIMES: i64 = 20;

/// Seconds between two of them, and of the message that is cut.
const EVERY: i64 = 12;
const LONG: usize = 10_000;

/// What a cut is to keep.
const SILENT: TimeDelta = TimeDelta::milliseconds(250);

/// An emergency is looked for so long after its order.
const WITHIN: TimeDelta = TimeDelta::seconds(3);

const ALARM: &str = "前方路口发生事故，请绕行！";

/// Orders emergencies at moments that no cycle of ours shares, and prints what became of them.
pub(crate) fn measure() {
    let pulse = Pulse::start(&["horn"]);
    let mut county = County::new(&[("赵家庄", "pulse:horn")]);
    county.recording("long.wav", &noise::clip(21, LONG));
    county.playlist(
        "日常",
        &format!(
            "\n[[message]]\nid = \"长\"\naudio = \"long.wav\"\n\n[[schedule]]\ncron = \"*/{EVERY} * * * * *\"\n\
             start = \"hard\"\ngrace = \"1s\"\n"
        ),
    );
    county.render_ahead(&alarm());
    let clip = county.render(&alarm(), None);
    let ear = Ear::open(&pulse, "horn", BLOCK);
    county.start(&pulse);
    let first = in_seconds(20);
    let first = first + TimeDelta::seconds(EVERY - first.timestamp() % EVERY);
    let orders: Vec<DateTime<Utc>> = (0..TIMES)
        .map(|n| {
            let moment = first + TimeDelta::seconds(EVERY * n) + TimeDelta::milliseconds(3_000 + 37 * n);
            poll::pass((moment - clock::wall()).to_std().unwrap_or_default());
            order(&county)
        })
        .collect();
    poll::pass(Duration::from_secs(5));
    let tape = ear.close(&pulse, "horn");
    county.terminate();
    show(&tape, &clip, &orders);
}

/// Orders an emergency; returns when.
fn order(county: &County) -> DateTime<Utc> {
    let request = Request::Say {
        text: ALARM.to_owned(),
        stations: vec!["赵家庄".to_owned()],
        priority: Priority::Emergency,
        repeat: 1,
        status: Status::Actual,
    };
    let at = clock::wall();
    call(&county.path("state"), &request).unwrap();
    at
}

fn show(tape: &Tape, clip: &[f32], orders: &[DateTime<Utc>]) {
    let (mut silent, mut heard) = (Vec::new(), Vec::new());
    for order in orders {
        let Some(at) = tape.heard(clip, *order, WITHIN) else { continue };
        heard.push(at - *order);
        silent.extend(tape.last_sound(*order, at).map(|last| last - *order));
    }
    println!("\nemergencies amid a message of {} s", LONG / 1_000);
    Errors(silent.clone()).show("from the order until what sounded is silent", orders.len());
    Errors(heard).show("from the order until the emergency is heard", orders.len());
    let most = silent.into_iter().max().unwrap_or_default();
    println!("silent {:.0} ms after the order at the latest (goal {:.0} ms)", millis(most), millis(SILENT));
}

fn alarm() -> Message {
    Message {
        id: MessageId::new("喊话").unwrap(),
        text: Some(ALARM.to_owned()),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat: Repeat::default(),
        volume: None,
    }
}
