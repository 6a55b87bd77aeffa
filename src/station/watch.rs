//! Files that change are read again: many events of the kernel → one word that something changed.
//!
//! Editors write a temporary file and rename it, copies grow for seconds, folders are replaced whole: so nothing is
//! told before it has been quiet for a moment. Nobody polls. What inotify cannot see (a stick mounted over a folder,
//! a network share written elsewhere) needs `dalaba reload`.

use std::path::{self, Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// Silence after the last event that ends a change: a program that saves takes less between its steps.
const QUIET: Duration = Duration::from_millis(500);
/// Longest that a change is held back while events go on: a long copy must not hide a finished playlist for ever.
const LONGEST: Duration = Duration::from_secs(5);

/// Says that something under watch may have changed; what, is for the reader of the files to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

/// Names what is watched. Nothing of it needs to exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    /// Single files, such as `station.toml`.
    pub files: Vec<PathBuf>,
    /// Folders with all that is in them, such as `broadcasts/`.
    pub folders: Vec<PathBuf>,
}

/// Watches `targets` until the receiver is dropped. Call it inside a tokio runtime.
///
/// Start it *before* the files are read, or a change between reading and watching is lost. When the kernel will not
/// watch (its limit is used up), that is logged and the receiver stays silent: reload by hand still works, and calling
/// again tries again.
pub fn watch(targets: &Targets) -> mpsc::Receiver<Changed> {
    let (announce, changed) = mpsc::channel(1);
    let targets = targets.absolute();
    let (poke, pokes) = mpsc::channel(1);
    let watcher = targets.arm(&poke);
    tokio::spawn(follow(targets, watcher, poke, pokes, announce));
    changed
}

async fn follow(
    targets: Targets,
    mut watcher: Option<RecommendedWatcher>,
    poke: mpsc::Sender<()>,
    mut pokes: mpsc::Receiver<()>,
    announce: mpsc::Sender<Changed>,
) {
    loop {
        tokio::select! {
            () = settle(&mut pokes, QUIET, LONGEST) => {}
            () = announce.closed() => return,
        }
        // Folders may have come and gone. The new watch stands before the old one ends, and before anybody reads.
        watcher = targets.arm(&poke).or(watcher);
        if announce.send(Changed).await.is_err() {
            return;
        }
    }
}

/// Returns once a poke has come and then `quiet` has passed without another, or `longest` since the first.
async fn settle(pokes: &mut mpsc::Receiver<()>, quiet: Duration, longest: Duration) {
    pokes.recv().await;
    let still_going = async { while let Ok(Some(())) = timeout(quiet, pokes.recv()).await {} };
    tokio::select! {
        () = still_going => {}
        () = sleep(longest) => {}
    }
}

impl Targets {
    /// The kernel's events bear the paths under which watching began, so those must not depend on where we stand.
    fn absolute(&self) -> Self {
        let all = |paths: &[PathBuf]| {
            paths.iter().map(|p| path::absolute(p).unwrap_or_else(|_| p.clone())).collect()
        };
        Self { files: all(&self.files), folders: all(&self.folders) }
    }

    /// Begins to watch everything that exists now; `None`, and a word in the log, when the kernel will not.
    fn arm(&self, poke: &mpsc::Sender<()>) -> Option<RecommendedWatcher> {
        match self.try_arm(poke) {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                tracing::warn!(
                    %error,
                    "files are not watched, changes need `dalaba reload`; raising fs.inotify.max_user_watches or \
                     max_user_instances may help"
                );
                None
            }
        }
    }

    fn try_arm(&self, poke: &mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
        let (targets, poke) = (self.clone(), poke.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if targets.concerned(&event) {
                // A poke that is already waiting says the same.
                let _ = poke.try_send(());
            }
        })?;
        for target in self.files.iter().chain(&self.folders) {
            // The folder above tells when the target itself is replaced or comes to be.
            if let Some(above) = target.ancestors().skip(1).find(|above| above.is_dir()) {
                watch_if_there(&mut watcher, above, RecursiveMode::NonRecursive)?;
            }
        }
        for folder in &self.folders {
            watch_if_there(&mut watcher, folder, RecursiveMode::Recursive)?;
        }
        Ok(watcher)
    }

    fn concerned(&self, event: &notify::Result<Event>) -> bool {
        let Ok(event) = event else { return true };
        if event.need_rescan() {
            return true;
        }
        // Our own reading is an event too; to follow it would be to read for ever.
        let read_only =
            matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write));
        !read_only && event.paths.iter().any(|path| self.includes(path))
    }

    fn includes(&self, path: &Path) -> bool {
        let above = |target: &PathBuf| target.starts_with(path);
        let within = |folder: &PathBuf| path.strip_prefix(folder).is_ok_and(|rest| !is_scratch(rest));
        self.files.iter().any(above) || self.folders.iter().any(|folder| above(folder) || within(folder))
    }
}

/// A target may vanish between looking and watching; the folder above it tells of that.
fn watch_if_there(watcher: &mut RecommendedWatcher, path: &Path, mode: RecursiveMode) -> notify::Result<()> {
    match watcher.watch(path, mode) {
        Err(_) if !path.exists() => Ok(()),
        other => other,
    }
}

/// Editors' own files: `.春运.toml.swp`, `春运.toml~`.
fn is_scratch(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().as_encoded_bytes();
        name.starts_with(b".") || name.ends_with(b"~")
    })
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn events_that_go_on_for_ever_do_not_hold_a_change_back_for_ever() {
        let (poke, mut pokes) = mpsc::channel(1);
        let endless = thread::spawn(move || while poke.blocking_send(()).is_ok() {});
        block_on(settle(&mut pokes, Duration::from_mins(1), Duration::from_millis(100)));
        drop(pokes);
        endless.join().unwrap();
    }

    #[test]
    fn only_files_that_matter_concern_us() {
        let targets = Targets {
            files: vec!["/etc/dalaba/config/station.toml".into()],
            folders: vec!["/etc/dalaba/broadcasts".into()],
        };
        for path in ["/etc/dalaba/config/station.toml", "/etc/dalaba/broadcasts/春运.toml", "/etc/dalaba"] {
            assert!(targets.includes(Path::new(path)), "{path}");
        }
        for path in [
            "/etc/dalaba/config/other.toml",
            "/etc/dalaba/broadcasts/.春运.toml.swp",
            "/etc/dalaba/broadcasts/春运.toml~",
            "/etc/dalaba/broadcasts2/a.toml",
        ] {
            assert!(!targets.includes(Path::new(path)), "{path}");
        }
    }
}
