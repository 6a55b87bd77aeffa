//! How a child answers: JSON lines, each line of sound followed by its samples as little-endian `f32`.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

/// One line of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Frame<F> {
    /// So many mono samples follow.
    Sound {
        /// Samples a second.
        rate: u32,
        /// Samples that follow this line.
        samples: usize,
    },
    /// What was asked for is no sound.
    Report(serde_json::Value),
    /// All is said.
    End,
    /// The job failed.
    Fault(F),
}

/// Takes a child's sound, piece by piece, and hands it to the parent.
pub struct Answer {
    out: BufWriter<StdoutLock<'static>>,
    lost: bool,
}

impl Answer {
    /// Sends samples. Once the parent has gone away nothing is sent any more: the work is then for nobody.
    pub fn sound(&mut self, rate: u32, samples: &[f32]) {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let sent = self
            .line(&Frame::<()>::Sound { rate, samples: samples.len() })
            .and_then(|()| self.out.write_all(&bytes));
        self.lost |= sent.is_err();
    }

    /// Sends what was found, in at most a line.
    pub fn report(&mut self, found: &impl Serialize) {
        let sent = serde_json::to_value(found)
            .map_err(io::Error::from)
            .and_then(|found| self.line(&Frame::<()>::Report(found)));
        self.lost |= sent.is_err();
    }

    fn line<F: Serialize>(&mut self, frame: &Frame<F>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, frame)?;
        self.out.write_all(b"\n")
    }
}

/// Does `work` as a child: its sound and then its verdict go to standard output.
pub fn answer<F: Serialize>(work: impl FnOnce(&mut Answer) -> Result<(), F>) -> ExitCode {
    let mut answer = Answer { out: BufWriter::new(io::stdout().lock()), lost: false };
    let last = match work(&mut answer) {
        Ok(()) => Frame::End,
        Err(fault) => Frame::Fault(fault),
    };
    let sent = answer.line(&last).and_then(|()| answer.out.flush());
    if answer.lost || sent.is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
