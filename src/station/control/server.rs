//! The daemon's side of the control socket.

use std::fs::{self, Permissions};
use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::address::Address;
use super::{ControlReply, LONGEST_LINE, Request, account, socket_path};
use crate::model::Words;
use crate::station::lock::StateLock;

/// Conversations held at once; more wait in the kernel's queue. One person types one command at a time.
const MOST_CONNECTIONS: usize = 16;
/// Time that a client has to write its line, and to take our answer.
const CLIENT_TIME: Duration = Duration::from_secs(5);
/// Time that the daemon has to answer before the client is told that it is stuck.
const DAEMON_TIME: Duration = Duration::from_secs(10);
/// Pause after the system refused to hand over a connection (out of descriptors), so that nothing spins.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);
/// Owner and group may ask; nobody else may connect.
const MODE: u32 = 0o660;

/// Says why the control socket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the control socket {}", path.display())]
pub struct BindError {
    path: PathBuf,
    source: io::Error,
}

impl BindError {
    /// Says it to a person, with what it means.
    pub fn words(&self) -> Words {
        let path = self.path.display();
        Words::new(
            format!("控制接口 {path} 打不开，status、say、stop 等命令用不了"),
            format!("the control socket {path} cannot be opened: status, say, stop and so on will not work"),
        )
    }
}

/// One checked request, who made it, and where the answer goes. A request that is dropped is answered with a refusal.
#[derive(Debug)]
pub struct ControlRequest {
    /// What is asked.
    pub request: Request,
    /// Account name of who asks, as the kernel vouches for it.
    pub who: String,
    /// Takes the answer.
    pub reply: oneshot::Sender<ControlReply>,
}

/// The open control socket; its file goes when it is dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Opens the control socket in the state folder that `lock` holds. Call it inside a tokio runtime.
    ///
    /// Because the folder is ours, a socket file that stands there belongs to a daemon that died, and is replaced. The
    /// new file appears under its name with its mode already set, so it can at no moment be used by others.
    pub fn bind(lock: &StateLock) -> Result<Self, BindError> {
        let path = socket_path(lock.folder());
        match listen(&path) {
            Ok(listener) => Ok(Self { listener, path }),
            Err(source) => Err(BindError { path, source }),
        }
    }

    /// Serves until `daemon` is closed: each request goes into `daemon`, and its answer back to who asked.
    pub async fn serve(self, daemon: mpsc::Sender<ControlRequest>) {
        let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        while let Ok(place) = Arc::clone(&free).acquire_owned().await {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = daemon.closed() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    let daemon = daemon.clone();
                    tokio::spawn(async move {
                        converse(stream, &daemon).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket refused a connection");
                    tokio::time::sleep(AFTER_REFUSAL).await;
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Gone already, or not removable: the next start replaces it either way.
        let _ = fs::remove_file(&self.path);
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let fresh = path.with_extension("sock.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(Address::of(&fresh)?.path())?;
    fs::set_permissions(&fresh, Permissions::from_mode(MODE))?;
    fs::rename(&fresh, path)?;
    Ok(listener)
}

/// Holds one conversation: a line in, a line out. Its failures are the client's, and nobody else's.
async fn converse(stream: UnixStream, daemon: &mpsc::Sender<ControlRequest>) {
    let who = match stream.peer_cred() {
        Ok(credentials) => account::user(credentials.uid()),
        Err(error) => return tracing::debug!(%error, "a control client is nobody"),
    };
    let (read, mut write) = stream.into_split();
    let reply = match in_time(read_line(read)).await {
        Ok(line) => answer(&line, who, daemon).await,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => too_long().into(),
        Err(error) => return tracing::debug!(%error, "a control client said nothing"),
    };
    if let Err(error) = in_time(write_line(&mut write, &reply)).await {
        tracing::debug!(%error, "a control client did not wait for its answer");
    }
}

async fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(CLIENT_TIME, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn read_line(stream: impl tokio::io::AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST_LINE + 1)).read_until(b'\n', &mut line).await?;
    match line.last() {
        Some(b'\n') => Ok(line),
        Some(_) if line.len() as u64 > LONGEST_LINE => Err(io::ErrorKind::FileTooLarge.into()),
        None | Some(_) => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

async fn write_line(stream: &mut (impl AsyncWriteExt + Unpin), reply: &ControlReply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await
}

async fn answer(line: &[u8], who: String, daemon: &mpsc::Sender<ControlRequest>) -> ControlReply {
    let request: Request = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(error) => return not_understood(&error).into(),
    };
    if let Some(fault) = request.fault() {
        return fault.into();
    }
    match timeout(DAEMON_TIME, ask(request, who, daemon)).await {
        Ok(Some(reply)) => reply,
        Ok(None) => Words::new("大喇叭正在退出", "dalaba is shutting down").into(),
        Err(_) => Words::new(
            "大喇叭没有在 10 秒内答复，可能卡住了；请查看日志",
            "dalaba did not answer within 10 s and may be stuck; look into its log",
        )
        .into(),
    }
}

async fn ask(request: Request, who: String, daemon: &mpsc::Sender<ControlRequest>) -> Option<ControlReply> {
    let (reply, answer) = oneshot::channel();
    daemon.send(ControlRequest { request, who, reply }).await.ok()?;
    answer.await.ok()
}

fn too_long() -> Words {
    let kib = LONGEST_LINE / 1024;
    Words::new(format!("请求太长，最多 {kib} KiB"), format!("the request is too long; {kib} KiB are allowed"))
}

fn not_understood(error: &serde_json::Error) -> Words {
    Words::new(
        format!("听不懂这个请求，命令与后台程序的版本可能不同：{error}"),
        format!("the request is not understood; the command and the daemon may differ in version: {error}"),
    )
}
