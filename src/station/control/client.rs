//! The typed command's side of the control socket: one question, one answer, no runtime.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::Address;
use super::{ControlReply, Request, account, socket_path};
use crate::model::Words;

/// Longest silence of the daemon, beyond its own time limit for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer, bytes: a status of several thousand stations.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

/// Says why a daemon could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No daemon listens there.
    #[error("no daemon listens at {}", path.display())]
    NotRunning {
        /// The socket's path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The caller is not of the group that may ask.
    #[error("no permission for {}", path.display())]
    Forbidden {
        /// The socket's path.
        path: PathBuf,
        /// Name of the group that may ask.
        group: String,
    },
    /// The conversation broke off.
    #[error("the conversation with the daemon broke off")]
    BrokeOff(#[source] io::Error),
    /// The answer is not one of ours.
    #[error("the daemon's answer is not understood")]
    NotUnderstood(#[source] serde_json::Error),
}

impl CallError {
    /// Says it to a person, with what to do.
    pub fn words(&self) -> Words {
        match self {
            Self::NotRunning { path, .. } => Words::new(
                format!(
                    "大喇叭没有运行（{} 无人应答）。启动：sudo systemctl start dalaba；状态文件夹在别处时请加 --state",
                    path.display()
                ),
                format!(
                    "dalaba is not running (nobody answers at {}). Start it: sudo systemctl start dalaba; if its state folder is elsewhere, add --state",
                    path.display()
                ),
            ),
            Self::Forbidden { group, .. } => Words::new(
                format!(
                    "没有权限。请加入“{group}”组后重新登录：sudo usermod -aG {group} 用户名；或在命令前加 sudo"
                ),
                format!(
                    "no permission. Join the group {group} and log in again: sudo usermod -aG {group} NAME; or put sudo before the command"
                ),
            ),
            Self::BrokeOff(_) => Words::new(
                "与大喇叭的对话中断了，它可能正在退出或卡住；请查看日志",
                "the conversation with dalaba broke off; it may be shutting down or stuck: look into its log",
            ),
            Self::NotUnderstood(_) => Words::new(
                "听不懂大喇叭的答复，命令与后台程序的版本可能不同；请重启服务",
                "dalaba's answer is not understood; the command and the daemon may differ in version: restart the service",
            ),
        }
    }
}

/// Asks the daemon that owns the state folder `state`, and waits for its answer, at most some 15 s.
///
/// A refusal is an answer, not an error.
pub fn call(state: &Path, request: &Request) -> Result<ControlReply, CallError> {
    let path = socket_path(state);
    let stream = connect(&path).map_err(|error| explain(path, error))?;
    let answer = converse(stream, request).map_err(CallError::BrokeOff)?;
    serde_json::from_slice(&answer).map_err(CallError::NotUnderstood)
}

fn connect(path: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(Address::of(path)?.path())
}

fn explain(path: PathBuf, error: io::Error) -> CallError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => CallError::Forbidden { group: group_of(&path), path },
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory => {
            CallError::NotRunning { path, source: error }
        }
        _ => CallError::BrokeOff(error),
    }
}

/// Names the group that may use the socket; when the socket cannot even be seen, the group of a folder above it.
fn group_of(socket: &Path) -> String {
    let seen = socket.ancestors().find_map(|path| path.metadata().ok());
    seen.map_or_else(|| "dalaba".to_owned(), |seen| account::group(seen.gid()))
}

fn converse(mut stream: UnixStream, request: &Request) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    // A daemon that refuses a line in its middle closes; what it has to say is still there to be read.
    let written = stream.write_all(&line);
    let mut answer = Vec::new();
    BufReader::new(stream).take(LONGEST_ANSWER).read_until(b'\n', &mut answer)?;
    match (answer.is_empty(), written) {
        (true, Err(error)) => Err(error),
        (true, Ok(())) => Err(io::ErrorKind::UnexpectedEof.into()),
        (false, _) => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_permission_is_told_which_group_to_join() {
        // The socket cannot be seen, so the folder above it answers: root's.
        let path = PathBuf::from("/proc/1/none/control.sock");
        let error = explain(path, io::ErrorKind::PermissionDenied.into());
        assert!(error.words().zh.contains("usermod -aG root"), "{}", error.words());
        assert!(error.words().en.contains("usermod -aG root"), "{}", error.words());
    }
}
