//! Not played at its time.

use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Playlist, Reason};
use dalaba::playout::Event;

use super::village::{Village, playlist, time};

fn at(minute: &str, message: &str, more: &str) -> Playlist {
    playlist(message, "routine", &[message], &format!("[[schedule]]\nat = [\"{minute}\"]\n{more}"))
}

fn heard(village: &Village) -> Vec<(&str, &str)> {
    village.heard.iter().map(|(message, at)| (message.as_str(), at.as_str())).collect()
}

/// Liquidsoap #779; `AzuraCast` #1564, #8507: a predicate that is true for one minute is missed when the next decision
/// does not fall into that minute.
#[test]
fn liquidsoap_779_azuracast_1564_8507_no_decision_falls_into_the_due_minute_and_it_airs_all_the_same() {
    let mut village = Village::at(time("06:20:00"), "", vec![at("06:30", "9秒", "")]);
    village.live_until(time("06:29:50"));
    village.freeze(Duration::from_secs(90));
    village.tell(Event::Tick);
    village.live_until(time("06:40:00"));
    assert_eq!(heard(&village), [("9秒", "06:31:20")]);
    assert_eq!(village.end_of("9秒", "06:30:00").map(|(outcome, _)| outcome), Some(Outcome::CompletedLate));
}

/// The same, when not even the preparation was in time.
#[test]
fn liquidsoap_779_a_loop_that_wakes_after_everything_was_due_airs_what_its_grace_allows() {
    let lists = vec![at("06:30", "7秒", ""), at("06:31", "8秒", ""), at("06:32", "9秒", "grace = \"30s\"\n")];
    let mut village = Village::at(time("06:20:00"), "", lists);
    village.freeze(Duration::from_mins(13));
    village.tell(Event::Tick);
    village.live_until(time("06:40:00"));
    assert_eq!(heard(&village), [("7秒", "06:33:00"), ("8秒", "06:33:07")]);
    assert_eq!(village.end_of("9秒", "06:32:00"), Some((Outcome::Missed, Some(Reason::GracePassed))));
}

/// `AzuraCast` #5637: a 9-second announcement in a one-minute slot played at random and again and again.
#[test]
fn azuracast_5637_nine_seconds_in_a_one_minute_slot_sound_once_on_the_second() {
    let mut village = Village::at(time("06:20:00"), "", vec![at("06:30", "9秒", "")]);
    village.live_until(time("06:29:59"));
    // Decisions in plenty, before it, while it sounds and after.
    for _ in 0..600 {
        village.tell(Event::Tick);
        village.live_until(village.clock() + TimeDelta::milliseconds(250));
    }
    assert_eq!(heard(&village), [("9秒", "06:30:00")]);
    assert_eq!(village.end_of("9秒", "06:30:00"), Some((Outcome::Completed, None)));
}

/// `AzuraCast` #2437: an announcement played twice.
#[test]
fn azuracast_2437_reloads_before_amid_and_after_it_do_not_play_it_twice() {
    let mut village = Village::at(time("06:20:00"), "", vec![at("06:30", "9秒", "")]);
    for moment in ["06:29:59", "06:30:00", "06:30:04", "06:30:09", "06:30:20"] {
        village.live_until(time(moment));
        village.reload();
        let again = village.plan(time("06:00:00"), time("07:00:00"));
        village.tell(Event::Timetable(again));
    }
    village.live_until(time("06:45:00"));
    assert_eq!(heard(&village), [("9秒", "06:30:00")]);
    assert_eq!(village.ends().len(), 1);
}

/// The same, when two schedules name it for one instant.
#[test]
fn azuracast_2437_two_schedules_that_name_it_for_one_instant_play_it_once() {
    let both = "[[schedule]]\nat = [\"06:30\"]\n[[schedule]]\ncron = \"0 30 6 * * *\"\n";
    let list = playlist("日常", "routine", &["9秒"], both);
    let mut village = Village::at(time("06:20:00"), "", vec![list]);
    village.live_until(time("06:45:00"));
    assert_eq!(heard(&village), [("9秒", "06:30:00")]);
}

/// `AzuraCast` #6353: the over-long item blocks the next one.
#[test]
fn azuracast_6353_after_an_over_long_item_the_next_one_airs_late_or_is_recorded_with_its_reason() {
    let patient = at("06:31", "8秒", "grace = \"30m\"\n");
    let strict = at("06:32", "7秒", "grace = \"5m\"\n");
    let later = at("07:00", "6秒", "");
    let lists = vec![at("06:30", "1200秒", ""), patient, strict, later];
    let mut village = Village::at(time("06:20:00"), "", lists);
    village.live_until(time("07:10:00"));
    assert_eq!(heard(&village), [("1200秒", "06:30:00"), ("8秒", "06:50:00"), ("6秒", "07:00:00")]);
    assert_eq!(village.end_of("8秒", "06:31:00"), Some((Outcome::CompletedLate, None)));
    assert_eq!(village.end_of("7秒", "06:32:00"), Some((Outcome::Missed, Some(Reason::GracePassed))));
    assert_eq!(village.end_of("6秒", "07:00:00"), Some((Outcome::Completed, None)));
}

/// The same: what is meant to cut, cuts.
#[test]
fn azuracast_6353_an_emergency_and_a_hard_start_cut_the_over_long_item() {
    let schedule = "[[schedule]]\nat = [\"06:35\"]\n";
    let emergency = playlist("洪水", "emergency", &["20秒"], schedule);
    let lists = vec![at("06:30", "1200秒", ""), emergency, at("06:40", "8秒", "start = \"hard\"\n")];
    let mut village = Village::at(time("06:20:00"), "", lists);
    village.live_until(time("07:00:00"));
    assert_eq!(heard(&village), [("1200秒", "06:30:00"), ("20秒", "06:35:00"), ("8秒", "06:40:00")]);
    let cut = Some((Outcome::Preempted, Some(Reason::HigherPriority)));
    assert_eq!(village.end_of("1200秒", "06:30:00"), cut);
}

/// The same, when the item is over-long because its player never comes back.
#[test]
fn azuracast_6353_a_player_that_never_ends_does_not_block_the_next_item_for_ever() {
    let lists = vec![at("06:30", "9秒", ""), at("06:31", "8秒", "")];
    let mut village = Village::at(time("06:20:00"), "", lists);
    village.player_hangs = true;
    village.live_until(time("06:30:30"));
    village.player_hangs = false;
    village.live_until(time("06:40:00"));
    assert_eq!(heard(&village), [("9秒", "06:30:00"), ("8秒", "06:31:00")]);
    let lost = Some((Outcome::Partial, Some(Reason::OutputFailed)));
    assert_eq!(village.end_of("9秒", "06:30:00"), lost);
    assert_eq!(village.end_of("8秒", "06:31:00"), Some((Outcome::Completed, None)));
}
