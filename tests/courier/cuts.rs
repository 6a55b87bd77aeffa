//! Cut in the middle: of a file, of a server's life, of a daemon's.

use std::fs;
use std::time::Duration;

use dalaba::wire::Step;

use super::daemon::{House, SOON, playlist};
use super::line::{Line, Weather};
use super::office::{Office, Told, noise, quiet_playlist, slots};
use super::poll;

/// Bytes of a half-fetched file in the spool; none if there is no such file.
fn half(house: &House) -> Option<u64> {
    let files = fs::read_dir(house.path("state/courier/spool")).ok()?;
    let part =
        |entry: fs::DirEntry| entry.path().extension().is_some_and(|end| end == "part").then_some(entry);
    files.flatten().find_map(part)?.metadata().ok().map(|part| part.len())
}

#[test]
fn a_file_that_is_cut_again_and_again_goes_on_where_it_was_also_after_kills_of_both_sides() {
    let mut office = Office::open("127.0.0.1:0", true);
    let line = Line::lay("127.0.0.1:0", office.at(), Weather { rate: 150_000, ..Weather::default() });
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", line.at());
    let running = house.start();
    let recording = noise(900_000);
    let files = [("broadcasts/a.toml", quiet_playlist(Some("a.wav"))), ("audio/a.wav", recording.clone())];
    let payload = office.publish("春运", 1, None, &files);
    let reach = |bytes: u64| {
        poll::until("the next part", SOON, || half(&house).filter(|half| *half > bytes));
    };
    reach(100_000);
    line.cut();
    reach(250_000);
    office.kill();
    office.serve();
    reach(400_000);
    running.kill();
    let before = half(&house).unwrap();
    assert!(before > 400_000, "{before}");
    let running = house.start();
    office.wait_until_active("赵家庄", &payload);
    assert_eq!(office.steps("赵家庄", &payload), [Step::Received, Step::Verified, Step::Active]);
    assert_eq!(fs::read(house.path("state/county/campaigns/春运/1/audio/a.wav")).unwrap(), recording);
    // What was under way when it was cut comes twice, and no more.
    assert!(line.carried() < 1_200_000, "{} bytes for 900,000", line.carried());

    // The next number has the same recording: it is not fetched again.
    let carried = line.carried();
    let files = [("broadcasts/b.toml", quiet_playlist(Some("b.wav"))), ("audio/b.wav", recording)];
    let next = office.publish("春运", 2, Some(payload), &files);
    office.wait_until_active("赵家庄", &next);
    assert!(line.carried() - carried < 100_000, "{} bytes more", line.carried() - carried);
    assert_eq!(slots(&house.state(), "春运"), ["1", "2", "active.json"]);
    assert_eq!(
        fs::read_dir(house.path("state/courier/spool")).unwrap().count(),
        0,
        "the spool is empty again"
    );
    running.end("TERM");
}

#[test]
fn a_daemon_killed_again_and_again_while_its_records_go_up_loses_none_and_sends_none_twice() {
    let office = Office::open("127.0.0.1:0", false);
    let slow = Weather { rate: 60_000, delay: Duration::from_millis(20), ..Weather::default() };
    let line = Line::lay("127.0.0.1:0", office.at(), slow);
    let house = House::of(&["赵家庄", "李家村"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", line.at());
    house.write("broadcasts/a.toml", &playlist("让路", "* * * * * *", "1s"));
    for round in 0..6_u64 {
        let running = house.start();
        poll::pass(Duration::from_millis(700 + 317 * round));
        if round % 2 == 0 {
            line.cut();
        }
        running.kill();
    }
    house.playlist("a", "让路", "0 0 3 29 2 *", "1s");
    let running = house.start();
    let sent = office.wait_for_all_records(&house, "赵家庄");
    assert!(sent > 20, "{sent} are too few for a test");
    running.end("TERM");
    house.verified();
}
