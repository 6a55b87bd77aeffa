//! What is aired of a warning, where, and how strong; and what is not.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use dalaba::cap::{AlertMap, Desk, Draft, Place, Taken, read_file};
use dalaba::config::{Source, parse_alert_map, parse_areas};
use dalaba::model::{AlertKind, AlertName, Priority, Status, Words};

fn shipped() -> AlertMap {
    let text = include_str!("../../config/alert-map.toml").to_owned();
    parse_alert_map(&Source { path: "alert-map.toml".into(), text }).value.unwrap()
}

fn places() -> Vec<Place> {
    let text = include_str!("../../config/areas.toml").to_owned();
    parse_areas(&Source { path: "areas.toml".into(), text }).value.unwrap()
}

fn china(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cap/china").join(name);
    fs::read_to_string(path).unwrap()
}

fn drafted(xml: &str, at: &str, taken: &dyn Fn(&AlertName) -> Option<Taken>) -> Result<Vec<Draft>, Words> {
    let (map, places) = (shipped(), places());
    let now: DateTime<Utc> = at.parse().unwrap();
    let desk = Desk { map: &map, places: &places, to: &[], restricted: false, now, taken };
    desk.draft(read_file(xml.as_bytes()).unwrap().alerts[0].as_ref().unwrap())
}

const MORNING: &str = "2026-07-01T00:05:00Z";

#[test]
fn a_red_rainstorm_is_an_emergency_in_chinese_at_the_villages_of_its_county() {
    let drafts = drafted(&china("rainstorm.cap"), MORNING, &|_| None).unwrap();
    let [Draft { alert, .. }] = &drafts[..] else { panic!("{drafts:?}") };
    assert_eq!((alert.priority, alert.status), (Priority::Emergency, Status::Actual));
    assert_eq!((alert.language.as_str(), alert.repeat_every), ("zh", Some(300)));
    assert_eq!(alert.target, ["赵家庄".parse().unwrap()]);
    assert_eq!(alert.expires, "2026-07-01T06:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert!(alert.text.contains("不要涉水驾车"), "{}", alert.text);
    assert!(!alert.text.contains("http") && !alert.text.contains('<') && !alert.text.contains("Rainstorm"));
}

#[test]
fn what_is_not_for_the_horns_is_refused_with_a_reason() {
    let good = china("rainstorm.cap");
    for (from, to, reason) in [
        ("<status>Actual", "<status>System", "System"),
        ("<status>Actual", "<status>Draft", "Draft"),
        (
            "<msgType>Alert</msgType>",
            "<msgType>Ack</msgType><references>a,b,2026-07-01T07:00:00+08:00</references>",
            "Ack",
        ),
        ("<scope>Public", "<scope>Private", "not for everybody"),
        ("130522000000", "130523000000", "no station of ours"),
        ("<urgency>Immediate", "<urgency>Past", "not aired"),
        ("T14:00:00+08:00", "T08:01:00+08:00", "over since"),
        // Cantonese is not spoken here; the English part is, and its area has no code.
        ("zh-CN", "yue", "area Lincheng"),
    ] {
        let refused = drafted(&good.replacen(from, to, 1), MORNING, &|_| None);
        assert!(refused.as_ref().is_err_and(|why| why.en.contains(reason)), "{to}: {refused:?}");
    }
    let again = drafted(&good, MORNING, &|_| Some(Taken { alerts: Vec::new() })).unwrap_err();
    assert!(again.en.contains("came in before"));
    assert!(drafted(&good, "2026-06-30T00:00:00Z", &|_| None).unwrap_err().en.contains("future"));
}

#[test]
fn an_exercise_stays_a_drill_and_the_unknown_wakes_nobody() {
    let drafts = drafted(&china("dialect.cap"), "2026-07-02T02:00:00Z", &|_| None).unwrap();
    assert_eq!((drafts[0].alert.status, drafts[0].alert.priority), (Status::Drill, Priority::Important));
    assert_eq!(drafts[0].alert.text, "今天上午10时进行地震疏散演练。");
}

#[test]
fn a_cancellation_reaches_whoever_had_the_warning_and_nobody_else() {
    let first = drafted(&china("rainstorm.cap"), MORNING, &|_| None).unwrap().remove(0).alert;
    let taken = |name: &AlertName| (*name == first.name()).then(|| Taken { alerts: vec![first.clone()] });
    let noon = "2026-07-01T04:01:00Z";
    let drafts = drafted(&china("cancel.cap"), noon, &taken).unwrap();
    let alert = &drafts[0].alert;
    assert_eq!((alert.msg_type, alert.priority), (AlertKind::Cancel, Priority::Emergency));
    assert_eq!((&alert.references, &alert.target), (&vec![first.name()], &first.target));
    assert_eq!(alert.text, "此前发布的暴雨预警现已解除。");
    assert_eq!(alert.expires, first.expires, "a village that was offline must still hear it");
    assert!(drafted(&china("cancel.cap"), noon, &|_| None).unwrap_err().en.contains("never aired"));
}
