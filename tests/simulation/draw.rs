//! Draws the playlists of a world.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveTime, WeekdaySet};
use dalaba::model::{
    Chime, Days, Limits, Message, MessageId, Order, Playlist, PlaylistId, Priority, QuietHours, Repeat,
    Schedule, Start, Status, Target, When,
};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::world::Faults;

pub(crate) fn limits(rng: &mut ChaCha8Rng, faults: Faults) -> Limits {
    if faults == Faults::None || rng.random_bool(0.3) {
        return Limits::default();
    }
    let night = QuietHours { from: hour(21, 30), until: hour(6, 0) };
    let noon = QuietHours { from: hour(12, 30), until: hour(14, 0) };
    Limits {
        quiet_hours: vec![night, noon],
        minutes_per_hour: rng.random_bool(0.5).then(|| rng.random_range(3..15)),
        minutes_per_day: rng.random_bool(0.5).then(|| rng.random_range(20..90)),
    }
}

/// Draws whether the station starts for itself, in step with others, or some time after them.
pub(crate) fn in_step(rng: &mut ChaCha8Rng, faults: Faults) -> Option<Duration> {
    let steps = [None, Some(0), Some(1_200), Some(7_300)];
    let step = if faults == Faults::Power { None } else { *steps.choose(rng).expect("not empty") };
    step.map(Duration::from_millis)
}

fn hour(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time of day")
}

/// Draws up to four playlists; where nothing fails, one that leaves room for everything.
pub(crate) fn playlists(rng: &mut ChaCha8Rng, faults: Faults) -> Vec<Playlist> {
    let count = if faults == Faults::None { 1 } else { rng.random_range(1..=4) };
    (0..count).map(|n| playlist(rng, n, faults)).collect()
}

fn playlist(rng: &mut ChaCha8Rng, n: usize, faults: Faults) -> Playlist {
    let messages: Vec<Arc<Message>> =
        (0..rng.random_range(1..=4)).map(|m| Arc::new(message(rng, m))).collect();
    let ids: Vec<MessageId> = messages.iter().map(|m| m.id.clone()).collect();
    let schedules = if faults == Faults::None { 1 } else { rng.random_range(1..=2) };
    let calm =
        [Priority::Routine, Priority::Routine, Priority::Routine, Priority::Important, Priority::Urgent];
    let priority =
        if rng.random_bool(0.08) { Priority::Emergency } else { *calm.choose(rng).expect("not empty") };
    Playlist {
        id: PlaylistId::new(&format!("p{n}")).expect("an id"),
        title: String::new(),
        stations: vec![Target::All],
        valid_from: None,
        valid_until: None,
        priority,
        status: Status::Actual,
        schedules: (0..schedules).map(|_| schedule(rng, &ids, faults)).collect(),
        messages,
    }
}

fn message(rng: &mut ChaCha8Rng, n: usize) -> Message {
    let gap = Duration::from_millis(rng.random_range(0..4_000));
    Message {
        id: MessageId::new(&format!("m{n}")).expect("an id"),
        text: Some("安全带就是生命带!".to_owned()),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat: Repeat { times: rng.random_range(1..=3), gap },
    }
}

fn schedule(rng: &mut ChaCha8Rng, ids: &[MessageId], faults: Faults) -> Schedule {
    let orders = [Order::Listed, Order::Listed, Order::Rotate, Order::Shuffle];
    let calm = faults == Faults::None;
    Schedule {
        when: if calm { times_apart(rng) } else { times(rng) },
        days: Days::Weekdays(WeekdaySet::ALL),
        calendar: None,
        messages: ids.to_vec(),
        order: *orders.choose(rng).expect("not empty"),
        start: if rng.random_bool(0.3) { Start::Hard } else { Start::Soft },
        grace: Duration::from_secs(if calm { 600 } else { rng.random_range(5..1_200) }),
        gap: Duration::from_millis(rng.random_range(0..4_000)),
        chime: rng.random_bool(0.5).then(|| Chime::Named("bell".to_owned())),
    }
}

fn times_apart(rng: &mut ChaCha8Rng) -> When {
    When::At((0..24).map(|h| hour(h, rng.random_range(0..40))).collect())
}

fn times(rng: &mut ChaCha8Rng) -> When {
    let lines =
        ["0 */10 7-9 * * *", "0 * 18 * * *", "*/20 30-31 7,19 * * *", "0 0,30 * * * *", "0 59 * * * *"];
    if rng.random_bool(0.4) {
        let line: cron::Schedule = lines.choose(rng).expect("not empty").parse().expect("a cron line");
        return When::Cron(Box::new(line));
    }
    let mut times: Vec<NaiveTime> = (0..rng.random_range(2..12))
        .map(|_| {
            let minute = *[0, 0, 30, rng.random_range(0..60)].choose(rng).expect("not empty");
            hour(rng.random_range(0..24), minute)
        })
        .collect();
    times.sort_unstable();
    times.dedup();
    When::At(times)
}
