//! As-run batches: in order, once, and on the disk when they are acknowledged.

use dalaba::wire::{Acknowledged, Offers};

use super::office::Office;
use super::postgres::Postgres;
use super::village::{Log, enrolled};

#[test]
fn what_was_acknowledged_is_there_after_kill_9_on_both_databases() {
    let postgres = Postgres::start();
    for office in [Office::new(), Office::on(&postgres.url())] {
        let mut server = office.serve(&[]);
        let mut village = enrolled(&office, &server);
        let log = Log::of(30);
        let mut through = 0;
        for _ in 0..4 {
            let answer = village.send("/v1/as-run", &log.batch(through, 13));
            through = answer.json::<Acknowledged>().through;
            server.kill();
            server = office.serve(&[]);
            village = village.at(&server);
            let known = village.poll("", 0).json::<Offers>().acknowledged.unwrap();
            assert_eq!(known.through, through, "{:?}", office.database);
        }
        assert_eq!(through, 52);
        assert!(server.terminate().success());
    }
}

#[test]
fn a_batch_that_comes_twice_is_one_and_one_that_overlaps_adds_what_is_new() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let log = Log::of(10);
    let through =
        |after, most| village.send("/v1/as-run", &log.batch(after, most)).json::<Acknowledged>().through;
    assert_eq!(through(0, 5), 5);
    assert_eq!(through(0, 5), 5);
    assert_eq!(through(1, 3), 5);
    assert_eq!(through(2, 8), 10);
    assert_eq!(through(0, 500), 22);
}

#[test]
fn a_gap_a_fork_and_a_broken_chain_are_refused_and_change_nothing() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let (log, other) = (Log::of(10), Log::of(9));
    let refused = |batch| village.send("/v1/as-run", &batch).refusal();
    assert_eq!(refused(log.batch(3, 5)), (409, "gap".to_owned()));
    assert_eq!(village.send("/v1/as-run", &log.batch(0, 10)).status, 200);
    assert_eq!(refused(log.batch(12, 5)), (409, "gap".to_owned()));

    // The records of both logs are the same up to 19; there one ends its run.
    let mut fork = other.batch(15, 5);
    assert_eq!(village.send("/v1/as-run", &log.batch(10, 20)).status, 200);
    fork.epoch = log.batch(0, 1).epoch;
    assert_eq!(refused(fork), (409, "fork".to_owned()));

    let mut changed = log.batch(0, 10);
    changed.facts[4].values.insert("station".into(), "河东".into());
    assert_eq!(refused(changed), (400, "broken_chain".to_owned()));
    let mut left_out = log.batch(0, 10);
    left_out.facts.remove(3);
    assert_eq!(refused(left_out), (400, "broken_chain".to_owned()));
    let mut renamed = log.batch(0, 10);
    renamed.epoch = log.batch(0, 2).facts[1].hash;
    assert_eq!(refused(renamed), (400, "broken_chain".to_owned()));
    let acknowledged = village.poll("", 0).json::<Offers>().acknowledged.unwrap();
    assert_eq!(acknowledged.through, 22);
}

#[test]
fn a_log_that_comes_on_a_stick_is_verified_and_taken_in_once() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let log = Log::of(30);
    let line = |batch| serde_json::to_string(&batch).unwrap() + "\n";
    // The network brought the first ten.
    assert_eq!(village.send("/v1/as-run", &log.batch(0, 10)).status, 200);
    office.write("stick.jsonl", &(line(log.batch(0, 40)) + &line(log.batch(40, 500))));
    let ingest = ["county", "ingest", "stick.jsonl", "--site", "赵家庄"];
    assert!(office.done(&ingest).contains("62 records of 赵家庄, chain verified, 52 of them new"));
    assert!(office.done(&ingest).contains("0 of them new"));
    let known = village.poll("", 0).json::<Offers>().acknowledged.unwrap();
    assert_eq!(known.through, 62);

    // A stick is anybody's.
    let other = Log::of(20);
    let mut changed = other.batch(20, 10);
    changed.facts[4].values.insert("station".into(), "河东".into());
    office.write("stick.jsonl", &(line(other.batch(0, 20)) + &line(changed)));
    let told = office.refused(&ingest);
    assert!(told.contains("line 2: not records in a row") && told.contains("20 new"), "{told}");
    office.write("stick.jsonl", &"x".repeat(100));
    assert!(office.refused(&ingest).contains("line 1: not a batch"));
    assert!(office.refused(&["county", "ingest", "stick.jsonl", "--site", "没有"]).contains("no station"));
}
