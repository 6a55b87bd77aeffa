//! The pipes to one guard.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::amplifier::guard::SUBCOMMAND;
use crate::amplifier::{Answer, Request, Setup};

/// Our own program, also after an upgrade has put another one in its place.
const OURS: &str = "/proc/self/exe";

/// The pipe takes hundreds of orders before it is full; a guard that lets it fill hangs.
const WRITE_WITHIN: Duration = Duration::from_secs(1);

/// A guard that was let go leaves within this, if its amplifier is off.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// A guard that runs.
pub(super) struct Guard {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Guard {
    /// Starts a guard and tells it what to guard. It answers [`Answer::There`].
    pub(super) async fn start(setup: &Setup) -> io::Result<Self> {
        let mut command = Command::new(OURS);
        command.arg(SUBCOMMAND).current_dir("/").process_group(0);
        // Not killed with its handle: its work begins when nobody holds one any more.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?).lines();
        let mut guard = Self { child, input, output };
        guard.write(&serde_json::to_vec(setup)?).await?;
        Ok(guard)
    }

    /// Hands on an order.
    pub(super) async fn order(&mut self, request: &Request) -> io::Result<()> {
        self.write(&serde_json::to_vec(request)?).await
    }

    async fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let line = [line, b"\n"].concat();
        timeout(WRITE_WITHIN, self.input.write_all(&line))
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Waits for what it says next; none when it is dead. Can be dropped and called again.
    pub(super) async fn answer(&mut self) -> Option<Answer> {
        let line = self.output.next_line().await.ok().flatten()?;
        serde_json::from_str(&line).ok()
    }

    /// Ends a guard that hangs.
    pub(super) async fn kill(mut self) {
        // It may be dead already.
        let _ = self.child.start_kill();
        let _ = timeout(LEAVE_WITHIN, self.child.wait()).await;
    }

    /// Lets it go: it switches off, if that is not done yet, and ends.
    pub(super) async fn let_go(mut self) {
        drop(self.input);
        let _ = timeout(LEAVE_WITHIN, self.child.wait()).await;
    }
}
