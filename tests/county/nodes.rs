//! Two nodes on one PostgreSQL, and what happens when one of the three is killed.

use std::process::Command;
use std::sync::Barrier;
use std::thread;

use dalaba::station::clock;
use dalaba::wire::{Acknowledged, Offers};

use super::office::{Office, SOON};
use super::poll;
use super::postgres::Postgres;
use super::village::{LONG, Log, WOKEN, enrolled};

#[test]
fn what_one_node_takes_wakes_a_poll_at_the_other_and_the_database_may_be_killed() {
    let mut postgres = Postgres::start();
    let office = Office::on(&postgres.url());
    let (one, other) = (office.serve(&[]), office.serve(&[]));
    let village = enrolled(&office, &one);
    let tag = village.poll("", 0).header("etag").to_owned();
    let waiting = thread::spawn({
        let (village, tag) = (village.at(&other), tag.clone());
        move || (village.poll(&tag, LONG), clock::steady())
    });
    assert_eq!(one.take(&office.publish("*")).status, 201);
    let published = clock::steady();
    let (woken, at) = waiting.join().unwrap();
    assert_eq!(woken.json::<Offers>().bundles.len(), 1);
    assert!(at.saturating_sub(published) < WOKEN);

    let log = Log::of(100);
    let send = |link: &super::village::Link, after| link.send("/v1/as-run", &log.batch(after, 40));
    assert_eq!(send(&village, 0).json::<Acknowledged>().through, 40);
    postgres.kill();
    let down = send(&village, 40);
    assert_eq!(down.refusal(), (503, "store".to_owned()));
    assert_ne!(down.header("retry-after"), "");
    // Who waits goes on waiting: what is on offer is in memory.
    assert_eq!(village.at(&other).poll(woken.header("etag"), 0).status, 304);
    assert_eq!(one.stranger().get("/healthz", &[]).status, 503);

    postgres.begin();
    one.kill();
    let village = village.at(&other);
    let through = poll::until("the node's recovery", SOON, || {
        let answer = send(&village, 40);
        (answer.status == 200).then(|| answer.json::<Acknowledged>().through)
    });
    assert_eq!(through, 80);
    // Everything that the node which is gone had acknowledged is there.
    assert_eq!(send(&village, 0).json::<Acknowledged>().through, 80);
    assert!(other.terminate().success());
}

/// Both get the same batch at the same time, again and again: each record is there once.
#[test]
fn a_village_that_sends_to_two_nodes_at_once_has_one_log() {
    let postgres = Postgres::start();
    let office = Office::on(&postgres.url());
    let nodes = [office.serve(&[]), office.serve(&[])];
    let village = enrolled(&office, &nodes[0]);
    let log = Log::of(100);
    for after in [0, 50, 100, 150] {
        let sent: Vec<_> = nodes.iter().map(|node| (village.at(node), log.batch(after, 50))).collect();
        let sent =
            sent.into_iter().map(|(link, batch)| thread::spawn(move || link.send("/v1/as-run", &batch)));
        for answer in sent.collect::<Vec<_>>() {
            let answer = answer.join().unwrap();
            assert_eq!(answer.json::<Acknowledged>().through, after + 50, "{}", answer.text());
        }
    }
}

/// Hawaii and Yunnan: nor may one person reach a whole county by asking both nodes in the same moment.
#[test]
fn one_person_cannot_split_an_emergency_over_two_nodes() {
    let postgres = Postgres::start();
    let office = Office::on(&postgres.url());
    let nodes = [office.serve(&[]), office.serve(&[])];
    // Each alone is allowed; any two of them are more than twenty stations.
    let alerts: Vec<Vec<u8>> = (0..8)
        .map(|part| {
            let to: Vec<String> = (0..15).map(|n| format!("村{part}-{n}")).collect();
            let (to, file) = (to.join(","), format!("alert{part}"));
            let words =
                ["county", "alert", "new", "--event", "暴雨", "--text", "试。", "--priority", "emergency"];
            let more = ["--to", &to, "--by", "王", "--passphrase-file", "passphrase", "-o", &file];
            office.done(&[&words[..], &more[..]].concat());
            std::fs::read(office.path(&file)).unwrap()
        })
        .collect();
    let at_once = Barrier::new(alerts.len());
    let statuses: Vec<u16> = thread::scope(|scope| {
        let ask = |(number, alert): (usize, &Vec<u8>)| {
            let link = nodes[number % nodes.len()].stranger();
            let (at_once, alert) = (&at_once, alert.clone());
            scope.spawn(move || {
                at_once.wait();
                link.post("/v1/alerts", &alert).status
            })
        };
        let asked: Vec<_> = alerts.iter().enumerate().map(ask).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), alerts.len() - 1, "{statuses:?}");
}

/// A password and a county's records over a wire that others share.
#[test]
fn postgresql_is_spoken_to_over_tls_where_the_url_says_so_and_only_if_its_certificate_holds() {
    let mut postgres = Postgres::start();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    postgres.secure(&made.cert.pem(), &made.signing_key.serialize_pem());
    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let office = Office::on(&postgres.url());
    office.write("authority.pem", &made.cert.pem());
    office.write("other.pem", &other.cert.pem());
    office.write("nothing.pem", "");
    let asked = |mode: &str, authorities: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
        command.args(["county", "stations", "--lang", "en", "--database"]);
        command.arg(format!("{}{mode}", postgres.url())).env_remove("PGSSLROOTCERT");
        command.envs(authorities.map(|file| ("PGSSLROOTCERT", office.path(file))));
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (taken, said) = asked("?sslmode=require", Some("authority.pem"));
    assert!(taken, "{said}");
    for (mode, authorities, why) in [
        ("?sslmode=require", Some("other.pem"), "certificate"),
        ("?sslmode=require", None, "certificate"),
        ("?sslmode=require", Some("nothing.pem"), "PGSSLROOTCERT"),
        ("", Some("authority.pem"), "no encryption"),
    ] {
        let (taken, said) = asked(mode, authorities);
        assert!(!taken && said.contains(why), "{mode} {authorities:?}: {said}");
    }
}
