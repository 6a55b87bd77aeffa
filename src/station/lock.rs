//! One daemon a state folder: two would each air everything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;

use crate::model::Words;

/// Says why the state folder cannot be ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another daemon has it.
    #[error("the state folder {} is in use by process {}", folder.display(), pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string()))]
    Held {
        /// The state folder.
        folder: PathBuf,
        /// The other daemon's process id, when it could be read.
        pid: Option<u32>,
    },
    /// The folder, or the file in it, cannot be made or opened.
    #[error("cannot use the state folder {}", folder.display())]
    Unusable {
        /// The state folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LockError {
    /// Says it to a person, with what to do.
    pub fn words(&self) -> Words {
        match self {
            Self::Held { folder, pid } => {
                let folder = folder.display();
                let pid = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
                Words::new(
                    format!(
                        "已有一个 dalaba（进程 {pid}）在使用 {folder}；请先停掉它，或用 --state 换一个文件夹"
                    ),
                    format!(
                        "another dalaba (process {pid}) uses {folder}; stop it first, or name another folder with --state"
                    ),
                )
            }
            Self::Unusable { folder, .. } => Words::new(
                format!("状态文件夹 {} 无法使用", folder.display()),
                format!("the state folder {} cannot be used", folder.display()),
            ),
        }
    }
}

/// Holds a state folder for this process; let go when dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct StateLock {
    folder: PathBuf,
    // Open for as long as the lock is held: closing it lets go.
    _file: File,
}

impl StateLock {
    /// Takes the state folder `folder`, making it (mode 0750) when it is missing.
    ///
    /// The lock is on the open file, so a stale file of a daemon that was killed is no obstacle. Fails at once when
    /// another process holds it.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable { folder: folder.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o750).create(folder).map_err(unusable)?;
        let mut file = open(&folder.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { folder: folder.to_owned(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        write_pid(&mut file).map_err(unusable)?;
        Ok(Self { folder: folder.to_owned(), _file: file })
    }

    /// Returns the folder that is held.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o640).open(path)
}

/// Reads who holds the file; only for the message, so whatever is not a number is no answer.
fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused_by_the_name_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("状态/dalaba");
        let held = StateLock::take(&state).unwrap();
        let refused = StateLock::take(&state).unwrap_err();
        let LockError::Held { pid, .. } = &refused else { panic!("{refused}") };
        assert_eq!(*pid, Some(process::id()));
        assert!(refused.words().zh.contains(&process::id().to_string()));
        assert!(refused.words().en.contains("状态/dalaba"));
        drop(held);
        assert!(StateLock::take(&state).is_ok());
    }

    #[test]
    fn the_lock_file_of_a_daemon_that_died_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("lock"), "999999999999999999\n").unwrap();
        let held = StateLock::take(dir.path()).unwrap();
        let written = fs::read_to_string(held.folder().join("lock")).unwrap();
        assert_eq!(written.trim(), process::id().to_string());
    }

    #[test]
    fn a_state_folder_that_cannot_be_made_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = StateLock::take(&file.join("state")).unwrap_err();
        assert!(matches!(refused, LockError::Unusable { .. }), "{refused}");
    }
}
