//! Attacks and accidents that the station itself holds off.

use dalaba::model::{Outcome, Reason};
use dalaba::playout::Event;

use super::village::{Village, playlist, time};

const LIMITS: &str =
    "[limits]\nquiet_hours = [{ from = \"21:30\", until = \"06:00\" }]\nminutes_per_hour = 2\n";

/// Yunnan, 2024-11-28: at midnight a wrong task of a higher level sounded in eight cities.
#[test]
fn yunnan_2024_a_wrong_task_at_midnight_is_held_back_by_the_stations_own_quiet_hours() {
    let list = playlist("上级", "urgent", &["30秒"], "[[schedule]]\nat = [\"23:55\"]\nstart = \"hard\"\n");
    let mut village = Village::at(time("23:50:00"), LIMITS, vec![list]);
    village.live_until(time("23:59:00"));
    assert!(village.heard.is_empty());
    let held = Some((Outcome::Suppressed, Some(Reason::QuietHours)));
    assert_eq!(village.end_of("30秒", "23:55:00"), held);
}

/// The same: a flood by day ends at the limit of minutes an hour.
#[test]
fn yunnan_2024_a_flood_of_tasks_ends_at_the_stations_own_noise_limit() {
    let list = playlist("上级", "urgent", &["30秒"], "[[schedule]]\ncron = \"0 * 8 * * *\"\n");
    let mut village = Village::at(time("07:50:00"), LIMITS, vec![list]);
    village.live_until(time("08:59:30"));
    assert_eq!(village.heard.len(), 4, "four times thirty seconds in any hour: {:?}", village.heard);
    assert_eq!(village.ends_with(Outcome::Suppressed, Reason::NoiseLimit), 56);
}

/// Dallas, 2017: 95 minutes until the sirens were silent.
#[test]
fn dallas_2017_one_stop_silences_what_sounds_and_all_that_waits() {
    let lists = ["600秒", "601秒", "602秒"]
        .map(|message| playlist(message, "emergency", &[message], "[[schedule]]\nat = [\"08:00\"]\n"));
    let mut village = Village::at(time("07:50:00"), LIMITS, lists.to_vec());
    village.live_until(time("08:00:20"));
    village.tell(Event::Stop("王主任".to_owned()));
    village.live_until(time("09:00:00"));
    assert_eq!(village.heard.len(), 1);
    assert_eq!(village.end_of("600秒", "08:00:00"), Some((Outcome::Partial, Some(Reason::OperatorStop))));
    assert_eq!(village.ends_with(Outcome::Cancelled, Reason::OperatorStop), 2);
}
