//! The parent's side: starts a child, feeds it, listens, and ends it in time.

use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use super::wire::Frame;
use super::{ChildFault, Job, SUBCOMMAND};
use crate::model::Clip;

/// Longest line of an answer, bytes; a fault's words are far shorter.
const LONGEST_LINE: u64 = 64 * 1024;

/// What is kept of standard error, bytes.
const KEPT_OF_STDERR: u64 = 2048;

/// What a child reads on standard input.
#[derive(Debug)]
pub enum Input {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This file, itself: the child needs no right to open it.
    File(File),
}

/// Describes the work for one child.
#[derive(Debug)]
pub struct Order<'a> {
    /// Our own executable.
    pub program: &'a Path,
    /// What to do.
    pub job: Job,
    /// With what.
    pub input: Input,
    /// The child is killed after this time.
    pub limit: Duration,
    /// The child is killed after this many samples.
    pub most_samples: usize,
}

/// Starts a child, and returns its sound, or one fault whatever happens to it. The child is dead afterwards, also
/// when the returned future is dropped.
pub async fn run<F: DeserializeOwned>(order: Order<'_>) -> Result<Clip, ChildFault<F>> {
    Ok(in_time(order).await?.clip)
}

/// Starts a child that answers with a report, and returns that, as [`run`] returns sound.
pub async fn report<R: DeserializeOwned, F: DeserializeOwned>(order: Order<'_>) -> Result<R, ChildFault<F>> {
    let report = in_time(order).await?.report;
    serde_json::from_value(report).map_err(|error| ChildFault::Garbled(error.to_string()))
}

/// What a child has said.
struct Said {
    clip: Clip,
    report: serde_json::Value,
}

async fn in_time<F: DeserializeOwned>(order: Order<'_>) -> Result<Said, ChildFault<F>> {
    let limit = order.limit;
    let answer = tokio::time::timeout(limit, converse(order)).await;
    answer.unwrap_or(Err(ChildFault::TimedOut(limit)))
}

async fn converse<F: DeserializeOwned>(order: Order<'_>) -> Result<Said, ChildFault<F>> {
    let (input, bytes) = match order.input {
        Input::Bytes(bytes) => (Stdio::piped(), bytes),
        Input::File(file) => (Stdio::from(file), Vec::new()),
    };
    let mut child = start(order.program, order.job, input).map_err(ChildFault::Start)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let listening = async {
        let heard = listen(stdout, order.most_samples).await;
        if heard.is_err() {
            // It may be dead already; waiting tells.
            let _ = child.start_kill();
        }
        heard
    };
    let (heard, said, ()) = tokio::join!(listening, last_words(stderr), feed(stdin, &bytes));
    let status = child.wait().await.map_err(ChildFault::Start)?;
    judge(heard, status, said)
}

/// No variable of ours may lead a library to other data. The two that are set keep libespeak-ng, which knocks at the
/// sound server even when its work is silent, from complaining that nobody is in.
const ENVIRONMENT: [(&str, &str); 2] = [("HOME", "/"), ("PULSE_SERVER", "{none}unix:/")];

fn start(program: &Path, job: Job, input: Stdio) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command
        .args([SUBCOMMAND, job.as_str()])
        .env_clear()
        .envs(ENVIRONMENT)
        .current_dir("/")
        .kill_on_drop(true);
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// A child that dies early stops reading; its status says more than our broken pipe.
async fn feed(stdin: Option<ChildStdin>, bytes: &[u8]) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(bytes).await;
        let _ = stdin.shutdown().await;
    }
}

/// Reads standard error to its end, so that the child never waits for us, and keeps the beginning.
async fn last_words(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let mut kept = Vec::new();
    // What cannot be read is not said.
    let _ = (&mut stderr).take(KEPT_OF_STDERR).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    let said = String::from_utf8_lossy(&kept);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What came out of a child's standard output, if it did not make sense to its end.
enum Unheard {
    EndedEarly,
    TooMuch,
    Garbled(String),
}

async fn listen<F: DeserializeOwned>(
    stdout: Option<impl AsyncRead + Unpin>,
    most_samples: usize,
) -> Result<Result<Said, F>, Unheard> {
    let mut stdout = BufReader::new(stdout.ok_or(Unheard::EndedEarly)?);
    let mut clip = Clip { rate: 0, samples: Vec::new() };
    let mut report = serde_json::Value::Null;
    loop {
        match read_line(&mut stdout).await? {
            Frame::End => return Ok(Ok(Said { clip, report })),
            Frame::Report(found) => report = found,
            Frame::Fault(fault) => return Ok(Err(fault)),
            Frame::Sound { samples, .. } if samples > most_samples - clip.samples.len() => {
                return Err(Unheard::TooMuch);
            }
            Frame::Sound { rate, samples } => {
                clip.rate = rate;
                read_samples(&mut stdout, samples, &mut clip.samples).await?;
            }
        }
    }
}

async fn read_line<F: DeserializeOwned>(
    stdout: &mut (impl AsyncBufReadExt + Unpin),
) -> Result<Frame<F>, Unheard> {
    let mut line = Vec::new();
    let read = stdout.take(LONGEST_LINE).read_until(b'\n', &mut line).await;
    match read {
        Ok(_) if line.ends_with(b"\n") => {
            serde_json::from_slice(&line).map_err(|error| Unheard::Garbled(error.to_string()))
        }
        Ok(_) if line.len() as u64 == LONGEST_LINE => Err(Unheard::Garbled("an endless line".to_owned())),
        _ => Err(Unheard::EndedEarly),
    }
}

async fn read_samples(
    stdout: &mut (impl AsyncReadExt + Unpin),
    count: usize,
    into: &mut Vec<f32>,
) -> Result<(), Unheard> {
    let mut bytes = vec![0; count * size_of::<f32>()];
    stdout.read_exact(&mut bytes).await.map_err(|_| Unheard::EndedEarly)?;
    let (whole, _) = bytes.as_chunks();
    let samples = whole.iter().map(|four| f32::from_le_bytes(*four));
    // A decoder may make NaN from rubbish; nothing after us expects one.
    into.extend(samples.map(|sample| if sample.is_finite() { sample } else { 0.0 }));
    Ok(())
}

fn judge<F>(
    heard: Result<Result<Said, F>, Unheard>,
    status: ExitStatus,
    said: String,
) -> Result<Said, ChildFault<F>> {
    match heard {
        Ok(Err(fault)) => Err(ChildFault::Refused(fault)),
        Ok(Ok(answer)) if status.success() => Ok(answer),
        Ok(Ok(_)) | Err(Unheard::EndedEarly) => Err(ChildFault::Died { status: status.to_string(), said }),
        Err(Unheard::TooMuch) => Err(ChildFault::TooMuch),
        Err(Unheard::Garbled(why)) => Err(ChildFault::Garbled(why)),
    }
}
