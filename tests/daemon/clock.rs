//! A wall clock that is not believed.

use std::fs;

use dalaba::model::{Outcome, Priority};
use dalaba::station::clock;

use super::daemon::{House, SOON};
use super::poll;

#[test]
fn with_a_clock_that_is_not_believed_only_emergencies_sound_until_a_person_vouches_for_it() {
    let house = House::of(&["赵家庄"]);
    house.playlist("日常", "停水", "*/3 * * * * *", "10s");
    fs::create_dir(house.state()).unwrap();
    fs::write(house.path("state/memory.json"), "{\"seen\":\"2099-01-01T00:00:00Z\"}").unwrap();
    let running = house.start();
    let (code, report) = house.status();
    if clock::synchronised() {
        println!("the kernel vouches for the clock");
        assert!(report.clock.trusted && code == Some(0), "{:?}", report.clock);
        return;
    }
    assert!(!report.clock.trusted && code == Some(3), "{:?}", report.clock);
    assert!(report.clock.why.contains("2099-01-01"), "{}", report.clock.why);
    let said = house.dalaba(&["say", "快跑", "-s", "赵家庄", "--priority", "emergency"]);
    assert!(said.status.success());
    let heard = house.wait_for("the emergency", |e| e.priority == Priority::Emergency);
    assert_eq!(heard.close.unwrap().outcome, Outcome::Completed);
    assert_eq!(house.entries().len(), 1, "nothing routine by a clock like that: {:?}", house.entries());

    assert!(house.dalaba(&["clock", "accept"]).status.success());
    let accepted = clock::wall();
    let airs = |entry: &dalaba::station::journal::Entry| {
        entry.due > accepted && entry.close.as_ref().unwrap().outcome == Outcome::Completed
    };
    house.wait_for("a routine airing after the word of a person", airs);
    poll::until("a good status", SOON, || (house.status().0 == Some(0)).then_some(()));
    running.end("TERM");
    house.verified();
    assert!(house.start().took < SOON);
}
