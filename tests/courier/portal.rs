//! Whatever answers in the county's place is not taken for it: a page to log in, a redirect, another program, a flood.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use dalaba::wire::{LARGEST_JSON, Step};

use super::daemon::{House, SOON, heard};
use super::line::{Line, Weather};
use super::office::{Office, Told, quiet_playlist, strange_root};
use super::poll;

#[test]
fn a_page_to_log_in_is_no_county_and_what_airs_goes_on() {
    let office = Office::open("127.0.0.1:0", false);
    let line = Line::lay("127.0.0.1:0", office.at(), Weather::default());
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    house.playlist("防火", "防火", "*/3 * * * * *", "10s");
    office.enrol(&house, "赵家庄", line.at());
    line.turn(Weather { portal: true, ..Weather::default() });
    let running = house.start();
    let county = || house.status().1.county.unwrap();
    let payload = office.publish("春运", 1, None, &[("broadcasts/a.toml", quiet_playlist(None))]);
    poll::until("the page", SOON, || county().en.contains("not the county's server").then_some(()));
    assert!(!county().online && county().zh.contains("先登录"), "{:?}", county());
    house.wait_for("the village's own", heard);
    assert_eq!(house.status().0, Some(0), "a network that is away is no fault of the station");
    line.turn(Weather::default());
    office.wait_until_active("赵家庄", &payload);
    assert_eq!(office.steps("赵家庄", &payload), [Step::Received, Step::Verified, Step::Active]);
    running.end("TERM");
}

/// Answers every question with the same bytes, but gives anybody who asks for a root another county's; then hangs up.
fn impostor() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(Mutex::new(json(r#"{"root":1,"bundles":[],"alerts":[],"acknowledged":null}"#)));
    let says = Arc::clone(&answer);
    let strange = json(&String::from_utf8(strange_root(2)).unwrap());
    thread::spawn(move || {
        let mut number = 0;
        for mut stream in listener.incoming().map_while(Result::ok) {
            let bytes = says.lock().unwrap().clone();
            // Every answer is a new one, so that the next question comes soon.
            number += 1;
            let bytes = match String::from_utf8(bytes) {
                Ok(text) => text.replace("ETAG", &number.to_string()).into_bytes(),
                Err(error) => error.into_bytes(),
            };
            let strange = strange.clone();
            thread::spawn(move || {
                let mut asked = [0; 8192];
                // Whoever hangs up first.
                let _ = stream.read(&mut asked).and_then(|length| {
                    let root = asked[..length].starts_with(b"GET /v1/roots/");
                    stream.write_all(if root { &strange } else { &bytes })
                });
            });
        }
    });
    (at, answer)
}

fn json(text: &str) -> Vec<u8> {
    let length = text.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\netag: \"ETAG\"\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}")
        .into_bytes()
}

#[test]
fn redirects_floods_and_other_programs_are_failures_and_never_data() {
    let office = Office::open("127.0.0.1:0", false);
    let (at, answer) = impostor();
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", office.at());
    let kept = house.path("state/courier/office.json");
    let moved = std::fs::read_to_string(&kept).unwrap().replace(office.at(), &at);
    std::fs::write(&kept, moved).unwrap();
    let running = house.start();
    let county = || house.status().1.county.unwrap();
    let good = answer.lock().unwrap().clone();
    let digest = "0".repeat(64);
    let lies = [
        (
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n".to_vec(),
            "a redirect",
        ),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(), "not the county's server"),
        (json("[]"), "not what was asked for"),
        (json(&" ".repeat(LARGEST_JSON + 1)), "too large"),
        (
            json(&format!(
                r#"{{"root":9,"bundles":[{{"campaign":"春运","serial":1,"payload":"{digest}"}}],"alerts":["x"],"acknowledged":null}}"#
            )),
            "not taken",
        ),
    ];
    for (bytes, words) in lies {
        *answer.lock().unwrap() = bytes;
        if words == "not taken" {
            // The offers are well-formed; nothing that they name comes out as it must be.
            poll::until("the refusal of its root", SOON, || {
                let kept = std::fs::read_to_string(house.path("state/courier/receipts.json")).ok()?;
                kept.contains("refused").then_some(())
            });
        } else {
            poll::until(words, SOON * 2, || county().en.contains(words).then_some(()));
        }
        answer.lock().unwrap().clone_from(&good);
        poll::until("the county again", SOON * 2, || county().online.then_some(()));
    }
    assert_eq!(std::fs::read_dir(house.path("state/county/campaigns")).unwrap().count(), 0);
    running.end("TERM");
}

/// Barix, 2025: boxes on the internet were told to play another stream.
#[test]
fn barix_2025_nothing_that_comes_over_the_network_moves_a_station_to_another_county() {
    let (office, other) = (Office::open("127.0.0.1:0", false), Office::open("127.0.0.1:0", false));
    let (at, answer) = impostor();
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", office.at());
    // Somebody sits where the county was, and has all of its traffic.
    let kept = house.path("state/courier/office.json");
    let moved = std::fs::read_to_string(&kept).unwrap().replace(office.at(), &at);
    std::fs::write(&kept, moved).unwrap();
    let remembered =
        || (std::fs::read(&kept).unwrap(), std::fs::read(house.path("state/county/root.json")).unwrap());
    let before = remembered();
    let running = house.start();
    let good = answer.lock().unwrap().clone();
    let county = || house.status().1.county.unwrap();
    for (status, words) in [("301 Moved Permanently", "a redirect"), ("308 Permanent Redirect", "a redirect")]
    {
        *answer.lock().unwrap() = format!(
            "HTTP/1.1 {status}\r\nlocation: http://{}/v1/offers\r\ncontent-length: 0\r\n\r\n",
            other.at()
        )
        .into_bytes();
        poll::until(words, SOON * 2, || county().en.contains(words).then_some(()));
        assert_eq!(remembered(), before);
        answer.lock().unwrap().clone_from(&good);
        poll::until("the county again", SOON * 2, || county().online.then_some(()));
    }
    // A root of its own, as the next version of the county's.
    *answer.lock().unwrap() = json(r#"{"root":2,"bundles":[],"alerts":[],"acknowledged":null}"#);
    poll::until("the refusal of the root", SOON * 2, || {
        let kept = std::fs::read_to_string(house.path("state/courier/receipts.json")).ok()?;
        kept.contains("refused").then_some(())
    });
    assert_eq!(remembered(), before);
    // Another county's server, which does not know the station.
    *answer.lock().unwrap() = b"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 47\r\n\r\n        {\"error\":\"unknown_token\",\"zh\":\"x\",\"en\":\"x\"}  "
        .to_vec();
    poll::until("the dismissal", SOON * 2, || county().dismissed.then_some(()));
    assert_eq!((remembered(), county().address), (before, format!("http://{at}")));
    assert!(other.store(async |store| store.healths().await.unwrap()).is_empty(), "nobody came to the other");
    running.end("TERM");
}
