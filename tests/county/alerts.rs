//! Alerts over the wire: at once to those who wait, and none that a station would refuse.

use std::thread;

use chrono::{FixedOffset, SubsecRound, TimeDelta};
use dalaba::county::keyring::Keyring;
use dalaba::model::{Alert, AlertKind, Priority, Status, Target};
use dalaba::station::clock;
use dalaba::trust::{PayloadType, SecretKey};
use dalaba::wire::Offers;

use super::office::Office;
use super::village::{LONG, WOKEN, enrolled};

fn alert(identifier: &str) -> Alert {
    let now = clock::wall().trunc_subsecs(0);
    Alert {
        identifier: identifier.to_owned(),
        sender: "某县".to_owned(),
        sent: now.with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap()),
        status: Status::Actual,
        msg_type: AlertKind::Alert,
        references: vec![],
        event: "暴雨红色预警".to_owned(),
        urgency: "Immediate".to_owned(),
        severity: "Extreme".to_owned(),
        certainty: "Observed".to_owned(),
        priority: Priority::Urgent,
        language: "zh".to_owned(),
        text: "暴雨红色预警，请立即转移到高处！".to_owned(),
        expires: now + TimeDelta::hours(1),
        repeat_every: Some(60),
        target: vec!["zone:河东".parse::<Target>().unwrap()],
    }
}

fn signed(key: &SecretKey, alert: &Alert) -> Vec<u8> {
    key.sign(PayloadType::Alert, serde_json::to_vec(alert).unwrap()).write()
}

#[test]
fn an_alert_wakes_whoever_it_is_for_and_a_forged_replayed_or_expired_one_does_not() {
    let office = Office::new();
    let server = office.serve(&[]);
    let village = enrolled(&office, &server);
    let (west, _) = server.stranger().enrol(&office.code("河西村"), &["河西村\t河西"]).ok().unwrap();
    let key = Keyring::new(office.path("keys")).unlock("王", "一二三四五六七八").unwrap();
    let send = |bytes: &[u8]| server.stranger().post("/v1/alerts", bytes);

    let forged = signed(&SecretKey::from_seed(&[1; 32]), &alert("1"));
    assert_eq!(send(&forged).refusal(), (403, "not_ours".to_owned()));
    let mut over = alert("1");
    over.sent -= TimeDelta::hours(2);
    over.expires -= TimeDelta::hours(2);
    assert_eq!(send(&signed(&key, &over)).refusal(), (422, "expired".to_owned()));

    let tag = village.poll("", 0).header("etag").to_owned();
    let waiting = thread::spawn({
        let village = village.clone();
        move || (village.poll(&tag, LONG), clock::steady())
    });
    let first = alert("1");
    let envelope = signed(&key, &first);
    assert_eq!(send(&envelope).status, 201);
    let out = clock::steady();
    let (woken, at) = waiting.join().unwrap();
    assert!(at.saturating_sub(out) < WOKEN);
    assert_eq!(woken.json::<Offers>().alerts, [String::from_utf8(envelope.clone()).unwrap()]);
    assert_eq!(west.poll("", 0).json::<Offers>().alerts, Vec::<String>::new());

    // The very same one again is the same; another one of its name is refused.
    assert_eq!(send(&envelope).status, 204);
    let other = signed(&key, &Alert { text: "没事了。".to_owned(), ..first.clone() });
    assert_eq!(send(&other).refusal(), (409, "forked".to_owned()));
    let cancel = Alert { msg_type: AlertKind::Cancel, references: vec![first.name()], ..alert("2") };
    assert_eq!(send(&signed(&key, &cancel)).status, 201);
    assert_eq!(village.poll("", 0).json::<Offers>().alerts.len(), 2);
}
