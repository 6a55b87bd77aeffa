//! What is too big, too slow or no HTTP at all is given up.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::office::{Office, SOON};
use super::village::enrolled;

/// Sends bytes that are no whole request, and waits for the server to hang up.
fn hung_up(at: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    // A reset is as good as an end.
    let _ = stream.read_to_end(&mut answer);
    answer
}

#[test]
fn a_body_that_is_too_big_is_refused_on_every_route() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let big = vec![b' '; 1024 * 1024 + 1];
    for route in ["/v1/as-run", "/v1/receipts", "/v1/health", "/v1/enrol", "/v1/alerts"] {
        assert_eq!(village.post(route, &big).refusal(), (413, "too_big".to_owned()), "{route}");
    }
    let bigger = vec![b' '; 2 * 1024 * 1024 + 1];
    for route in ["/v1/roots", "/v1/bundles"] {
        assert_eq!(village.post(route, &bigger).refusal(), (413, "too_big".to_owned()), "{route}");
    }
    // What a socket holds is no measure: these still send when the answer is ready.
    let huge = vec![b' '; 24 * 1024 * 1024];
    for route in ["/v1/health", "/v1/bundles"] {
        assert_eq!(village.post(route, &huge).refusal(), (413, "too_big".to_owned()), "{route}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(village.post("/v1/health", deep.as_bytes()).refusal(), (400, "malformed".to_owned()));
    let long = "a".repeat(64 * 1024);
    let answer = village.try_get("/v1/offers", &[("X-Long", &long)]);
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status == 431));
}

#[test]
fn who_never_ends_a_request_is_hung_up_on_while_others_are_served() {
    let office = Office::new();
    let server = office.serve(&[]);
    let slow = std::thread::spawn({
        let at = server.at.clone();
        move || hung_up(&at, b"GET /v1/offers HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    });
    let silent = std::thread::spawn({
        let at = server.at.clone();
        move || hung_up(&at, b"")
    });
    assert_eq!(server.stranger().get("/healthz", &[]).status, 200);
    assert!(!slow.join().unwrap().starts_with(b"HTTP/1.1 200"));
    assert_eq!(silent.join().unwrap(), b"");
    assert!(hung_up(&server.at, b"\x16\x03\x01 no HTTP\r\n\r\n").starts_with(b"HTTP/1.1 400"));
}
