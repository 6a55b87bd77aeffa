//! The real voice pack kokoro, where somebody has installed it.

use std::path::{Path, PathBuf};

use dalaba::speech::engine::kokoro::Pack;

/// Returns the folder of voice packs if the real pack is in it: `$DALABA_VOICES`, `target/voices`, or where `make voice` puts
/// it. Without one the test that needs it says so and passes.
pub(crate) fn real() -> Option<PathBuf> {
    let named = std::env::var_os("DALABA_VOICES").map(PathBuf::from);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/voices");
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state/dalaba/voices"));
    let installed = Some(PathBuf::from("/var/lib/dalaba/voices"));
    let mut places = [named, Some(here), installed, home].into_iter().flatten();
    let found = places.find(|voices| Pack::at(voices).and_then(|pack| pack.glance()).is_ok());
    if found.is_none() {
        println!("SKIPPED: the voice pack kokoro is not installed; `make voice` installs it");
    }
    found
}
