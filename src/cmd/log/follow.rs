//! `dalaba log --follow`: new records as they come.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use notify::{RecursiveMode, Watcher};

use super::{Page, failure, show};
use crate::cmd::Failure;
use crate::station::journal::{Filter, Reader};

/// Longest wait between two looks, for file systems that report no changes (a share of another machine).
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Writes what passes `filter`, then every new record that does, until nobody reads any more.
pub(super) fn follow(folder: &Path, mut filter: Filter, page: &mut Page) -> Result<(), Failure> {
    let (tell, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |_| {
        // The receiver lives as long as we follow.
        let _ = tell.send(());
    })
    .map_err(unwatched)?;
    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(unwatched)?;
    loop {
        // Opened anew each time: the file that is read when nobody writes is not the one read when somebody does.
        let reader = Reader::open(folder).map_err(failure)?;
        match show(&reader, &filter, page)? {
            Some(last) => filter.after = last,
            None => return Ok(()),
        }
        match changes.recv_timeout(LONGEST_WAIT) {
            Ok(()) => while changes.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn unwatched(error: notify::Error) -> Failure {
    Failure::because("无法跟踪播发记录", "cannot follow the as-run log", error)
}
