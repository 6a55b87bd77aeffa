//! Switches of amplifiers: facts of the same chain that tell of no airing.

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{AiringId, Digest, Record, Switch, SwitchCause, Switched};
use dalaba::station::journal::{BEFORE_THE_FIRST, Reader, follows, verify};

use super::common::{airing, completed, json_log, log, morning, on_air, open, stranger};

fn switched(switch: Switch, cause: SwitchCause, at: DateTime<Utc>) -> Switched {
    let airing = (switch == Switch::On).then(|| airing("赵家庄", "安全带", 0).id);
    Switched { amplifier: "村委会".to_owned(), at, switch, cause, airing, fault: None }
}

#[test]
fn switches_are_told_with_their_causes_and_the_log_of_airings_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    let after = |seconds| morning() + TimeDelta::seconds(seconds);
    let on = switched(Switch::On, SwitchCause::Sound, after(0));
    let off = switched(Switch::Off, SwitchCause::Idle, after(12));
    // A record that comes late has its true time, before that of the record before it.
    let late = Switched {
        fault: Some("坏了 / broken".to_owned()),
        ..switched(Switch::Off, SwitchCause::DaemonGone, after(-60))
    };
    for record in [
        Record::Switched(on),
        on_air(&airing),
        completed(&airing),
        Record::Switched(off),
        Record::Switched(late),
    ] {
        journal.commit(&record).unwrap();
    }
    drop(journal);
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!((verdict.records, verdict.faults), (6, vec![]));
    assert_eq!(json_log(folder.path(), &[]).len(), 1, "one airing");
    let lines = json_log(folder.path(), &["switches"]);
    let told = |key: &str| lines.iter().map(|line| line[key].clone()).collect::<Vec<_>>();
    assert_eq!(told("switch"), ["on", "off", "off"]);
    assert_eq!(told("cause"), ["sound", "idle", "daemon_gone"]);
    assert_eq!(told("ok"), [true, true, false]);
    assert_eq!(AiringId::from_record(lines[0]["airing"].as_str().unwrap().to_owned()), airing.id);
    let text = log(folder.path(), &["switches"]);
    assert!(text.contains("村委会  开  要出声") && text.contains("失败：坏了 / broken"), "{text}");
}

#[test]
fn the_county_takes_switches_as_links_of_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.commit(&Record::Switched(switched(Switch::On, SwitchCause::Sound, morning()))).unwrap();
    let facts = Reader::open(folder.path()).unwrap().facts(0, 10).unwrap();
    let before = std::iter::once(Digest::from(BEFORE_THE_FIRST)).chain(facts.iter().map(|fact| fact.hash));
    assert_eq!(facts.len(), 2);
    assert!(facts.iter().zip(before).all(|(fact, before)| follows(&before, fact)), "{facts:?}");
}

#[test]
fn no_stranger_can_write_a_switch_without_a_cause_or_about_an_airing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let mut half = switched(Switch::On, SwitchCause::Sound, morning());
    half.airing = None;
    journal.commit(&Record::Switched(half)).unwrap();
    drop(journal);
    let insert = |columns: &str, values: &str| {
        let sql = format!(
            "INSERT INTO record (seq, format, run, kind, at, hash, {columns}) SELECT max(seq) + 1, 1, 1, 'switched', \
             '2026-11-22T22:30:00.000Z', zeroblob(32), {values} FROM record"
        );
        stranger(folder.path()).execute_batch(&sql)
    };
    assert!(insert("amplifier, switch", "'村', 'on'").is_err(), "no cause");
    assert!(insert("amplifier, switch, cause", "'村', 'up', 'sound'").is_err(), "no such switch");
    assert!(insert("amplifier, switch, cause, airing", "'村', 'on', 'sound', 'a'").is_err(), "an airing");
    assert!(insert("amplifier, switch, cause", "'村', 'on', 'sound'").is_ok());
    // That one was let in by the rules, and is found by the chain.
    assert!(!verify(folder.path(), None).unwrap().faults.is_empty());
}
