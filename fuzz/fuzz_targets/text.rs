//! Any text ends in speech that an engine may see, or in one fault.
#![no_main]

use dalaba::speech::text::script::Unit;
use dalaba::speech::text::normalize::Options;
use dalaba::speech::text::{MOST_RUNS, Reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let reader = Reader::new(&[], Options::default());
    for language in ["zh", "en", "fr"] {
        let Ok(speech) = reader.prepare(text, language) else { continue };
        let units = &speech.script.units;
        assert!(units.iter().any(|unit| !matches!(unit, Unit::Pause(_))), "nothing sounds");
        let foreign = units.iter().filter_map(|unit| match unit {
            Unit::Foreign { text, .. } => Some(text),
            Unit::Syllable(_) | Unit::Pause(_) => None,
        });
        let mut runs = 0;
        for text in foreign {
            runs += 1;
            assert!(text.chars().any(char::is_alphanumeric), "{text:?} has no sound");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
        assert!(runs <= MOST_RUNS);
    }
});
