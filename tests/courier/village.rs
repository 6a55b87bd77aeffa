//! The whole way: enrolled, served, aired, reported.

use dalaba::station::control::StatusReport;
use dalaba::wire::{About, Step};

use super::daemon::{House, SOON, heard, playlist, site};
use super::line::{Line, Weather};
use super::office::{Office, Told, a_moment_ago, noise, quiet_playlist, root, slots};
use super::poll;

fn county_of(status: &StatusReport) -> dalaba::station::control::CountyReport {
    status.county.clone().expect("it belongs to a county")
}

#[test]
fn a_village_joins_while_it_runs_airs_what_is_published_and_reports_all_of_it() {
    let office = Office::open("127.0.0.1:0", true);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    house.playlist("防火", "防火", "*/3 * * * * *", "10s");
    let running = house.start();
    assert_eq!(house.status().1.county, None);
    office.enrol(&house, "赵家庄村委", office.at());
    poll::until("the county", SOON, || county_of_if(&house).filter(|county| county.online));

    let files = [("broadcasts/头盔.toml", playlist("让路", "*/2 * * * * *", "10s").into_bytes())];
    let payload = office.publish("春运", 1, None, &files);
    house.wait_for("the county's message", |entry| entry.playlist == "春运.头盔" && heard(entry));
    office.wait_until_active("赵家庄村委", &payload);
    assert_eq!(office.steps("赵家庄村委", &payload), [Step::Received, Step::Verified, Step::Active]);
    let airs = |entry: &dalaba::station::journal::Entry| entry.playlist == "春运.头盔" && heard(entry);
    let aired = house.wait_for("one more", airs);

    // It stops, and all that it recorded is there.
    running.end("TERM");
    let running = house.start();
    let text = String::from_utf8(house.dalaba(&["status"]).stdout).unwrap();
    assert!(text.contains(&office.url(office.at())), "{text}");
    house.playlist("防火", "防火", "0 0 3 29 2 *", "10s");
    let withdrawn = office.publish("春运", 2, Some(payload), &[]);
    office.wait_until_active("赵家庄村委", &withdrawn);
    assert_eq!(slots(&house.state(), "春运"), ["1", "2", "active.json"]);
    poll::until("silence", SOON, || house.status().1.stations[0].next.is_none().then_some(()));
    office.wait_for_all_records(&house, "赵家庄村委");
    let facts = office.facts("赵家庄村委");
    assert!(facts.iter().any(|fact| fact.fact.values.values().any(|v| v == aired.airing.as_str())));
    poll::until("nothing that waits", SOON, || {
        let county = county_of(&house.status().1);
        (county.records_waiting == Some(0) && county.receipts_waiting == 0).then_some(())
    });

    let healths = office.store(async |store| store.healths().await.unwrap());
    let health = &healths[0].health;
    assert!(health.at > a_moment_ago() && health.journal_ok && health.disk_free > Some(0), "{health:?}");
    assert_eq!((health.stations[0].id.as_str(), health.stations[0].output_ok), ("赵家庄", true));
    running.end("TERM");
    house.verified();
}

fn county_of_if(house: &House) -> Option<dalaba::station::control::CountyReport> {
    house.status().1.county
}

#[test]
fn who_does_not_know_the_code_is_no_county_and_changes_nothing() {
    let office = Office::open("127.0.0.1:0", true);
    let house = House::of(&["赵家庄"]);
    let code = office.code("赵家庄");
    let other = if code.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{other}", &code[..code.len() - 1]);
    let asked = |code: &str, county: &str| {
        let output = house.dalaba(&["enrol", code, "--county", county]);
        assert!(!output.status.success());
        assert!(!house.path("state/courier/office.json").exists());
        assert!(!house.path("state/county/root.json").exists());
        String::from_utf8(output.stderr).unwrap()
    };
    let url = office.url(office.at());
    assert!(asked(&wrong, &url).contains("the code is wrong"));
    assert!(asked("7KQM", &url).contains("twenty"));
    assert!(asked(&code, "http://10.1.1.1").contains("https://"));
    assert!(asked(&code, &format!("http://{}", office.at())).contains("not enrolled"), "plain to a TLS port");
    // Another office, which was never told this code.
    let stranger = Office::open("127.0.0.1:0", true);
    assert!(asked(&code, &stranger.url(stranger.at())).contains("no such code"));
    office.enrol(&house, "赵家庄", office.at());
}

/// The county had let the village in, and its answer never came: a person types the same code again.
#[test]
fn an_enrolment_whose_answer_was_lost_is_made_good_by_typing_the_code_once_more() {
    let office = Office::open("127.0.0.1:0", false);
    let line = Line::lay("127.0.0.1:0", office.at(), Weather { reset_after: 100, ..Weather::default() });
    let house = House::of(&["赵家庄"]);
    let code = office.code("赵家庄");
    let type_it = || house.dalaba(&["enrol", &code, "--county", &office.url(line.at())]);
    assert!(!type_it().status.success());
    line.turn(Weather::default());
    let output = type_it();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!house.path("state/courier/asked.json").exists());
    let running = house.start();
    poll::until("the county", SOON, || county_of_if(&house).filter(|county| county.online));
    running.end("TERM");
}

#[test]
fn a_root_that_was_rotated_is_walked_to_and_a_revoked_station_says_so_and_joins_again() {
    let mut office = Office::open("127.0.0.1:0", true);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    let running = house.start();
    office.enrol(&house, "赵家庄", office.at());
    poll::until("the county", SOON, || county_of_if(&house).filter(|county| county.online));
    office.kill();
    for version in [2_u64, 3] {
        std::fs::rename(
            office.path("keys/root.json"),
            office.path(&format!("keys/root.{}.json", version - 1)),
        )
        .unwrap();
        std::fs::write(office.path("keys/root.json"), root(version)).unwrap();
    }
    office.serve();
    let told = |version| {
        let wanted = About::Root(version);
        let receipts = office.receipts("赵家庄");
        receipts.into_iter().find(|receipt| receipt.about == wanted && receipt.step == Step::Active)
    };
    poll::until("the third root", SOON, || told(3));
    assert!(told(2).is_some(), "one after the other");

    assert!(office.store(async |store| store.revoke("赵家庄", "test", a_moment_ago()).await.unwrap()));
    // A poll that waits is told when it wakes.
    office.publish("防火", 1, None, &[("broadcasts/a.toml", quiet_playlist(None))]);
    let (code, report) = poll::until("the dismissal", SOON * 3, || {
        let status = house.status();
        status.1.county.as_ref().is_some_and(|county| county.dismissed).then_some(status)
    });
    assert_eq!(code, Some(3), "a person must see to it");
    assert!(report.faults().iter().any(|fault| fault.en.contains("get a new code")));
    office.enrol(&house, "赵家庄", office.at());
    poll::until("the county again", SOON, || county_of_if(&house).filter(|county| county.online));
    let payload = office.publish("春运", 1, None, &[("broadcasts/a.toml", quiet_playlist(None))]);
    office.wait_until_active("赵家庄", &payload);
    running.end("TERM");
}

#[test]
fn an_alert_waits_for_no_download_and_is_said_and_told_once() {
    let office = Office::open("127.0.0.1:0", true);
    let slow = Weather { rate: 20_000, ..Weather::default() };
    let line = Line::lay("127.0.0.1:0", office.at(), slow);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", line.at());
    let running = house.start();
    let files = [("broadcasts/a.toml", quiet_playlist(Some("a.wav"))), ("audio/a.wav", noise(1_000_000))];
    let payload = office.publish("春运", 1, None, &files);
    poll::until("the download", SOON, || {
        let county = house.status().1.county?;
        county.fetching_en.contains("number 1, file 2 / 2").then_some(())
    });
    let alert = office.alert("大雨来了");
    let said = house.wait_for("the alert", |entry| entry.playlist == "alert" && heard(entry));
    assert_eq!(office.steps("赵家庄", &payload), [], "the bundle is still on its way");
    let steps = |office: &Office| {
        let about = About::Alert(alert);
        let receipts = office.receipts("赵家庄").into_iter().filter(|receipt| receipt.about == about);
        receipts.map(|receipt| receipt.step).collect::<std::collections::BTreeSet<_>>()
    };
    let all = [Step::Received, Step::Verified, Step::Active].into();
    poll::until("its receipts", SOON, || (steps(&office) == all).then_some(()));
    line.turn(Weather::default());
    office.wait_until_active("赵家庄", &payload);
    // It is offered again and again until it expires.
    running.kill();
    let running = house.start();
    poll::until("the county", SOON, || county_of_if(&house).filter(|county| county.online));
    let again = office.publish("春运", 2, Some(payload), &[]);
    office.wait_until_active("赵家庄", &again);
    let times = house.entries().into_iter().filter(|entry| entry.playlist == "alert").count();
    assert_eq!(times, 1, "said once: {said:?}");
    assert_eq!(steps(&office), all);
    running.end("TERM");
    house.verified();
}

#[test]
fn an_amplifier_that_does_not_switch_is_told_to_the_county() {
    let office = Office::open("127.0.0.1:0", false);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    let amplifier = "amplifier = { kind = \"command\", on = [\"/bin/false\"], off = [\"/bin/false\"] }";
    house.write("config/station.toml", &format!("{}{amplifier}\n", site(&["赵家庄"])));
    house.playlist("防火", "防火", "*/3 * * * * *", "10s");
    office.enrol(&house, "赵家庄", office.at());
    let running = house.start();
    let fault = poll::until("the fault at the county", SOON, || {
        poll::pass(std::time::Duration::from_millis(200));
        let healths = office.store(async |store| store.healths().await.unwrap());
        let health = healths.into_iter().next()?.health;
        Some(health.stations.first()?.amplifier_fault.clone()).filter(|fault| !fault.is_empty())
    });
    assert!(fault.contains("false"), "{fault}");
    running.end("TERM");
}
