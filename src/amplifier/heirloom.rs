//! What outlives a guard: a lock, so that two never switch one amplifier, and what it did after its daemon had died,
//! for the next daemon to record.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::Switched;

/// What the lock's file says while the amplifier may be on.
const ON: &[u8; 2] = b"on";

/// How often somebody asks for the lock.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Most bytes of what a guard left that are read: it tries a few times only.
const MOST_LEFT: u64 = 64 * 1024;

/// Returns the folder for amplifiers below the state folder.
pub fn below(state: &Path) -> PathBuf {
    state.join("amplifiers")
}

/// Holds the lock of one amplifier, as far as it could be had. The file says `on` while the amplifier may be on.
pub(super) struct Heirloom {
    left: PathBuf,
    /// The kernel lets go of it when the guard dies.
    lock: Option<File>,
}

impl Heirloom {
    /// Takes the lock of `amplifier`, and waits for it so long that the guard before can finish. Then it goes on
    /// without: a village rather hears.
    pub(super) async fn take(folder: &Path, amplifier: &str, patience: Duration) -> Self {
        // A folder that cannot be made has no files that could be opened.
        let _ = fs::create_dir_all(folder);
        let left = folder.join(format!("{amplifier}.left"));
        let lock = lock(&folder.join(format!("{amplifier}.lock")), patience).await;
        Self { left, lock }
    }

    /// Notes whether the amplifier may be on. Not brought to the disk: a power cut switches it off.
    pub(super) fn mark(&self, on: bool) {
        if let Some(file) = &self.lock {
            let mark: &[u8] = if on { ON } else { &[] };
            // What cannot be written costs a record, not a switch.
            let _ = file.set_len(0).and_then(|()| file.write_all_at(mark, 0));
        }
    }

    /// Tells whether whoever was here last may have left the amplifier on.
    pub(super) fn is_marked_on(&self) -> bool {
        let mut mark = [0; ON.len()];
        self.lock.as_ref().is_some_and(|file| file.read_exact_at(&mut mark, 0).is_ok() && mark == *ON)
    }

    /// Notes what was done while nobody listened.
    pub(super) fn leave(&self, switched: &Switched) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.left)?;
        let mut line = serde_json::to_vec(switched)?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_all()
    }

    /// Reads what the guards before left. It stays until [`Heirloom::forget`]. A line that was torn by a power cut, or
    /// written by somebody else, is passed over.
    pub(super) fn read(&self) -> Vec<Switched> {
        let mut bytes = Vec::new();
        let read = File::open(&self.left).and_then(|file| file.take(MOST_LEFT).read_to_end(&mut bytes));
        let lines = bytes.split(|byte| *byte == b'\n').filter(|_| read.is_ok());
        lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Forgets what was left: it has been told.
    pub(super) fn forget(&self) {
        // There may be nothing. What cannot be taken away is told again, with its true time.
        let _ = fs::remove_file(&self.left);
    }
}

async fn lock(path: &Path, patience: Duration) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).ok()?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) if waited < patience => {
                tokio::time::sleep(ASK_EVERY).await;
                waited += ASK_EVERY;
            }
            Err(_) => return None,
        }
    }
}
