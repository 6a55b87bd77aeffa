//! Any bytes handed over as a recording end in a length or in one fault, and the length is that of the sound.
#![no_main]

use std::io::Cursor;
use std::time::Duration;

use dalaba::clip::recording::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut frames, mut rate) = (0_u64, 1_u32);
    let answer = decode(Cursor::new(bytes.to_vec()), &mut |hertz, samples| {
        rate = hertz;
        frames += samples.len() as u64;
    });
    if let Ok(length) = answer {
        let sounded = Duration::from_secs_f64(frames as f64 / f64::from(rate));
        assert!(length.abs_diff(sounded) < Duration::from_millis(1), "{length:?} is not {sounded:?}");
    }
});
