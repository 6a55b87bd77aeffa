//! Whatever comes instead of an alert, or of the file of prepared ones: read or refused, never a crash, and what is read is
//! written back the same.
#![no_main]

use dalaba::config::{Source, parse_alerts};
use dalaba::trust::alert;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(read) = alert::read(bytes) {
        assert!(alert::is_sound(&read));
        assert_eq!(alert::read(&alert::write(&read)).as_ref(), Some(&read));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = parse_alerts(&Source { path: "alerts.toml".into(), text: text.to_owned() });
    }
});
