//! Any text ends in runs that an engine may see, or in one fault.
#![no_main]

use dalaba::speech::text::{LONGEST_TEXT, MOST_RUNS, prepare};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for language in ["zh", "en"] {
        let Ok(runs) = prepare(text, language) else { continue };
        assert!(!runs.is_empty() && runs.len() <= MOST_RUNS);
        assert!(runs.iter().map(|run| run.text.chars().count()).sum::<usize>() <= LONGEST_TEXT);
        assert!(runs.windows(2).all(|pair| pair[0].tongue != pair[1].tongue));
        for run in &runs {
            assert!(run.text.chars().any(char::is_alphanumeric), "{run:?} has no sound");
            assert!(!run.text.chars().any(char::is_control), "{run:?}");
        }
    }
});
