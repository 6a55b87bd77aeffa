//! Files: whole, or from where a bad link has cut them.

use std::fs;

use dalaba::model::Digest;

use super::office::Office;
use super::village::enrolled;

#[test]
fn a_file_is_served_whole_or_in_part_and_only_to_those_who_are_in() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    assert_eq!(server.take(&office.publish("*")).status, 201);
    let recording = fs::read(office.path("campaign/audio/helmet.mp3")).unwrap();
    let path = format!("/v1/files/{}", Digest::of(&recording));
    let whole = village.get(&path, &[]);
    assert_eq!((whole.status, &whole.body), (200, &recording));
    let part = village.get(&path, &[("Range", "bytes=1000-"), ("If-Range", whole.header("etag"))]);
    assert_eq!((part.status, &part.body[..]), (206, &recording[1000..]));
    let size = recording.len();
    assert_eq!(part.header("content-range"), format!("bytes 1000-{}/{size}", size - 1));
    let few = village.get(&path, &[("Range", "bytes=10-19")]);
    assert_eq!(few.body, &recording[10..20]);
    let beyond = village.get(&path, &[("Range", &format!("bytes={size}-"))]);
    assert_eq!(beyond.refusal(), (416, "range".to_owned()));
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    assert_eq!(server.stranger().get(&path, &[]).refusal().0, 401);
    let unknown = format!("/v1/files/{}", Digest::of(b"another"));
    assert_eq!(village.get(&unknown, &[]).refusal(), (404, "not_found".to_owned()));
    assert_eq!(village.get("/v1/files/..%2f..%2fetc", &[]).refusal().0, 404);
}
