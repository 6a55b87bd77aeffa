//! The poll: at once when there is something new, else not before the time is over.

use std::thread;

use dalaba::station::clock;
use dalaba::wire::Offers;

use super::office::{Office, SOON, envelope};
use super::poll;
use super::village::{LONG, WOKEN, enrolled};

#[test]
fn a_poll_is_answered_when_something_new_comes_and_with_304_when_nothing_does() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let first = village.poll("", LONG);
    assert_eq!((first.status, first.json::<Offers>().root), (200, 1));
    let tag = first.header("etag").to_owned();
    let asked = clock::steady();
    assert_eq!(village.poll(&tag, 1).status, 304);
    assert!(clock::steady().saturating_sub(asked).as_millis() >= 1000);

    let bundle = office.publish("zone:河东");
    let waiting = thread::spawn({
        let (village, tag) = (village.clone(), tag.clone());
        move || (village.poll(&tag, LONG), clock::steady())
    });
    assert_eq!(server.take(&bundle).status, 201);
    let published = clock::steady();
    let (woken, at) = waiting.join().unwrap();
    assert!(at.saturating_sub(published) < WOKEN, "{at:?} {published:?}");
    let offers: Offers = woken.json();
    let (written, payload) = envelope(&bundle);
    assert_eq!(offers.bundles[0].payload.to_string(), payload);
    assert_eq!(village.get(&format!("/v1/bundles/{payload}"), &[]).body, written);
    // The very same one again is no news.
    assert_eq!(server.take(&bundle).status, 204);
    assert_eq!(village.poll(woken.header("etag"), 0).status, 304);
}

#[test]
fn a_village_is_offered_only_what_is_for_it() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let (west, _) = server.stranger().enrol(&office.code("河西村"), &["河西村\t河西"]).ok().unwrap();
    assert_eq!(server.take(&office.publish("zone:河东")).status, 201);
    assert_eq!(west.poll("", 0).json::<Offers>().bundles, []);
    // The next one goes to others: who had the one before keeps it.
    assert_eq!(server.take(&office.publish("河西村")).status, 201);
    let serials = |offers: Offers| offers.bundles.iter().map(|offer| offer.serial.0).collect::<Vec<_>>();
    assert_eq!(serials(west.poll("", 0).json()), [2]);
    assert_eq!(serials(village.poll("", 0).json()), [1]);
}

#[test]
fn what_no_station_would_take_is_not_kept() {
    let (office, foreign) = (Office::new(), Office::new());
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let bundle = office.publish("*");
    let refused = |bytes: &[u8]| server.take(bytes).refusal();
    assert_eq!(refused(&foreign.publish("*")), (403, "not_ours".to_owned()));
    assert_eq!(refused(b"nothing\n"), (403, "not_signed".to_owned()));
    assert_eq!(refused(&[&bundle[..], b"more"].concat()), (413, "too_big".to_owned()));
    assert_eq!(refused(&bundle[..bundle.len() - 1]), (422, "damaged".to_owned()));
    let mut changed = bundle.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&changed), (422, "damaged".to_owned()));
    assert_eq!(village.poll("", 0).json::<Offers>().bundles, []);
    let second = office.publish("*");
    assert_eq!(server.take(&second).status, 201);
    assert_eq!(refused(&bundle), (409, "older".to_owned()));
}

#[test]
fn a_root_that_the_old_signers_signed_comes_in_over_http_and_no_other() {
    let (office, foreign) = (Office::new(), Office::new());
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    office.done(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
    office.done(&["keys", "sign", "王", "--passphrase-file", "passphrase"]);
    let root = std::fs::read(office.path("keys/root.json")).unwrap();
    let other = std::fs::read(foreign.path("keys/root.json")).unwrap();
    assert_eq!(server.stranger().post("/v1/roots", &other).refusal(), (403, "not_ours".to_owned()));
    assert_eq!(server.stranger().post("/v1/roots", &root).status, 204);
    let offered = || village.poll("", 0).json::<Offers>().root;
    poll::until("the new root", SOON, || (offered() == 2).then_some(()));
    assert_eq!(village.get("/v1/roots/2", &[]).body, root);
    assert_eq!(village.get("/v1/roots/3", &[]).refusal(), (404, "not_found".to_owned()));
}

/// Hawaii and Yunnan: one person must not reach a whole county, not even in small pieces.
#[test]
fn one_person_cannot_split_an_emergency_into_many_that_each_reach_few() {
    let office = Office::new();
    let server = office.serve(&[]);
    enrolled(&office, &server);
    let post = |words: &[&str], people: &[&str]| {
        let to = ["--passphrase-file", "passphrase", "-o", "alert"];
        let by: Vec<&str> = people.iter().flat_map(|name| ["--by", *name]).collect();
        let told = office.done(&[&["county", "alert"], words, &by, &to].concat());
        let answer = server.stranger().post("/v1/alerts", &std::fs::read(office.path("alert")).unwrap());
        (told.split_whitespace().next().unwrap().to_owned(), answer)
    };
    let villages =
        |from: usize, to: usize| (from..to).map(|n| format!("村{n}")).collect::<Vec<_>>().join(",");
    let words = |to: &str, priority: &str| -> Vec<String> {
        let words = ["new", "--event", "暴雨", "--text", "试。", "--to", to, "--priority", priority];
        words.map(str::to_owned).to_vec()
    };
    let issue = |to: &str, priority: &str, people: &[&str]| {
        let words = words(to, priority);
        post(&words.iter().map(String::as_str).collect::<Vec<_>>(), people)
    };
    let (first, answer) = issue(&villages(0, 12), "emergency", &["王"]);
    assert_eq!(answer.status, 201);
    // Eight more are the twentieth; those that had it are not counted twice.
    assert_eq!(issue(&villages(5, 20), "emergency", &["王"]).1.status, 201);
    assert_eq!(issue("村20", "emergency", &["王"]).1.refusal(), (403, "alone".to_owned()));
    assert_eq!(issue("村20", "urgent", &["王"]).1.status, 201, "what wakes nobody is not counted");
    assert_eq!(issue("村3", "emergency", &["王"]).1.status, 201);
    assert_eq!(issue(&villages(20, 30), "emergency", &["李"]).1.status, 201, "another person");
    assert_eq!(issue(&villages(20, 40), "emergency", &["王", "李"]).1.status, 201, "two people");
    // What takes back waits for nobody, at the stations that had it.
    assert_eq!(post(&["cancel", &first], &["李"]).1.status, 201);
}

#[test]
fn a_typed_alert_is_as_strong_as_the_table_for_cap_says_and_tells_whom_it_reaches() {
    let office = Office::new();
    let server = office.serve(&[]);
    enrolled(&office, &server);
    let typed = |to: &str, words: &[&str]| -> Vec<String> {
        let common = ["county", "alert", "new", "--event", "暴雨", "--text", "试。", "--to", to];
        let sign = ["--by", "王", "--passphrase-file", "passphrase"];
        [&common, words, &sign].concat().into_iter().map(str::to_owned).collect()
    };
    let strength = |words: &[&str]| {
        let typed = typed("赵家庄", words);
        let told = office.done(&typed.iter().map(String::as_str).collect::<Vec<_>>());
        let name = told.split_whitespace().next().unwrap();
        let list = office.done(&["county", "alert", "list"]);
        list.lines().find(|line| line.starts_with(name)).unwrap().to_owned()
    };
    let worst = ["--severity", "extreme", "--urgency", "Immediate", "--certainty", "Observed"];
    assert!(strength(&worst).contains("emergency"), "{}", strength(&worst));
    // What nobody is sure of wakes nobody.
    assert!(strength(&worst[..4]).contains("urgent"), "{}", strength(&worst[..4]));
    assert!(strength(&["--severity", "Minor"]).contains("routine"));
    let refused = |to: &str, words: &[&str]| {
        let typed = typed(to, words);
        office.refused(&typed.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(refused("赵家庄", &["--urgency", "Past"]).contains("not aired"));
    assert!(refused("赵家庄", &["--severity", "Terrible"]).contains("no word of CAP's"));
    let reach = refused("zone:河东", &["--expires", "48h", "--priority", "emergency"]);
    assert!(reach.contains("It reaches 1 of the 1 stations enrolled"), "{reach}");
    assert!(refused("河西村", &["--expires", "48h", "--priority", "emergency"]).contains("reaches 0 of"));
}
