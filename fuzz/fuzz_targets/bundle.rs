//! Whatever comes instead of a bundle or a root: read or refused, never a crash, and what is read is written back the same.
#![no_main]

use dalaba::trust::{Envelope, Root, manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(envelope) = Envelope::read(bytes) {
        assert_eq!(Envelope::read(&envelope.write()).as_ref(), Some(&envelope));
    }
    if let Some(bundle) = manifest::read(bytes) {
        assert_eq!(manifest::read(&manifest::write(&bundle)).as_ref(), Some(&bundle));
    }
    let _ = Root::first(bytes);
});
