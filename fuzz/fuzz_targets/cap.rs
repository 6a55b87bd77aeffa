//! Warnings of other offices: whatever the bytes, there is an answer, and what is drafted keeps to every limit.
#![no_main]

use chrono::{DateTime, Utc};
use dalaba::cap::{AlertMap, Desk, Verdict, read_file};
use dalaba::model::{Priority, Target};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = read_file(bytes) else { return };
    let map = AlertMap {
        languages: vec!["zh".into(), "en".into()],
        longest: 300,
        lasts: std::time::Duration::from_secs(86_400),
        rules: Vec::new(),
        otherwise: Verdict { priority: Some(Priority::Important), repeat_every: None },
    };
    for alert in file.alerts.iter().flatten() {
        let now: DateTime<Utc> = alert.name.sent.to_utc();
        let desk =
            Desk { map: &map, places: &[], to: &[Target::All], restricted: true, now, taken: &|_| None };
        for draft in desk.draft(alert).unwrap_or_default() {
            assert!(draft.alert.text.chars().count() <= 303, "{}", draft.alert.text);
            assert!(dalaba::trust::alert::is_sound(&draft.alert));
        }
    }
});
