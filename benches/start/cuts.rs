//! What cuts what sounds: how soon an emergency silences it and is heard itself, and how exact a hard start is that has to cut
//! something first. The real daemon, recorded.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Message, MessageId, Priority, Repeat, Status};
use dalaba::station::clock;
use dalaba::station::control::{Request, call};

use crate::ear::{Ear, Tape};
use crate::support::county::{County, in_seconds};
use crate::support::pulse::Pulse;
use crate::support::{noise, poll};
use crate::{BEFORE, BLOCK, Errors, millis};

/// Messages that are cut, one every so many seconds, each so many milliseconds long.
const MESSAGES: i64 = 40;
const EVERY: i64 = 12;
const LONG: usize = 10_000;

/// Each second one is cut by a start, so many seconds after its own; the others by an emergency, about so many.
const START_AFTER: i64 = 6;
const ORDER_AFTER: i64 = 3;

/// What a cut is to keep.
const SILENT: TimeDelta = TimeDelta::milliseconds(250);

/// What cuts is looked for within this time.
const WITHIN: TimeDelta = TimeDelta::seconds(3);

/// What a start cuts is silent well before it, and is looked for this long.
const AHEAD: TimeDelta = TimeDelta::seconds(2);

const ALARM: &str = "前方路口发生事故，请绕行！";

/// Plays, orders emergencies at moments that no cycle of ours shares, and prints what became of all of it.
pub(crate) fn measure() {
    let pulse = Pulse::start(&["horn"]);
    let mut county = County::new(&[("赵家庄", "pulse:horn")]);
    let start = noise::clip(22, 1_500);
    county.recording("long.wav", &noise::clip(21, LONG));
    county.recording("start.wav", &start);
    let playlist = |recording: &str, seconds: &str| {
        format!(
            "\n[[message]]\nid = \"{recording}\"\naudio = \"{recording}.wav\"\n\n[[schedule]]\n\
             cron = \"{seconds} * * * * *\"\nstart = \"hard\"\ngrace = \"1s\"\n"
        )
    };
    county.playlist("日常", &playlist("long", &format!("*/{EVERY}")));
    // A minute has five of them; the first, the third and the fifth are cut by starts.
    let starts: Vec<String> = [0, 2, 4].map(|n| (EVERY * n + START_AFTER).to_string()).into();
    county.playlist("准点", &playlist("start", &starts.join(",")));
    county.render_ahead(&alarm());
    let clip = county.render(&alarm(), None);
    let ear = Ear::open(&pulse, "horn", BLOCK);
    county.start(&pulse);
    let first = in_seconds(20);
    let first = first + TimeDelta::seconds(EVERY - first.timestamp() % EVERY);
    let (mut dues, mut orders) = (Vec::new(), Vec::new());
    for n in 0..MESSAGES {
        let message = first + TimeDelta::seconds(EVERY * n);
        if message.timestamp() % 60 / EVERY % 2 == 0 {
            dues.push(message + TimeDelta::seconds(START_AFTER));
            continue;
        }
        let moment = message + TimeDelta::seconds(ORDER_AFTER) + TimeDelta::milliseconds(37 * n);
        poll::pass((moment - clock::wall()).to_std().unwrap_or_default());
        orders.push(order(&county));
    }
    let end = first + TimeDelta::seconds(EVERY * MESSAGES);
    poll::pass((end - clock::wall()).to_std().unwrap_or_default() + Duration::from_secs(3));
    let tape = ear.close(&pulse, "horn");
    county.terminate();
    show_starts(&tape, &start.samples, &dues);
    show(&tape, &clip, &orders);
}

fn show_starts(tape: &Tape, clip: &[f32], dues: &[DateTime<Utc>]) {
    let (mut errors, mut silent) = (Vec::new(), Vec::new());
    for due in dues {
        let Some(at) = tape.heard(clip, *due - BEFORE, WITHIN) else { continue };
        errors.push(at - *due);
        silent.extend(tape.last_sound(at - AHEAD, at).map(|last| at - last));
    }
    println!("\nhard starts amid a message of {} s", LONG / 1_000);
    Errors(errors).show("the start", dues.len());
    Errors(silent).show("silence before it", dues.len());
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
