//! The kind `command`: any program that switches, such as one for a network plug or a relay at a USB port.

use std::process::Stdio;
use std::time::Duration;

use tokio::time::timeout;

use super::{Amplifier, AmplifierFault, Kind, Switching};
use super::{LEAD_IN, LEAD_OUT, MAX_ON, MIN_OFF, SHARED, times};
use crate::config::{Field, FieldKind, KindFields, ListOf};
use crate::model::{Selection, Switch};
use crate::program::{Family, last_line, prepare};

/// The row of the table.
pub(super) const KIND: Kind = Kind { fields: FIELDS, check, open, limit };

const ON: &str = "on";
const OFF: &str = "off";
const TIME_LIMIT: &str = "time_limit";

/// What a file without `time_limit` means.
const USUAL_LIMIT: Duration = Duration::from_secs(2);

const WORDS: FieldKind =
    FieldKind::List(&ListOf { kind: FieldKind::Text { longest: 1000 }, fewest: 1, most: 64 });

const FIELDS: KindFields = KindFields {
    name: "command",
    fields: &[
        Field::new(
            ON,
            WORDS,
            "开功放的程序和参数，一项一个；路径要写绝对路径，不经过 shell。成功就以 0 退出",
            "The program that switches on, and its arguments, one an item; paths must be absolute, and there is no shell. It \
             exits with 0 when it worked",
        )
        .required(),
        Field::new(
            OFF,
            WORDS,
            "关功放的程序和参数；关了再关也要成功",
            "The program that switches off, and its arguments; off twice must work too",
        )
        .required(),
        Field::new(
            TIME_LIMIT,
            FieldKind::Length { min: Duration::from_millis(100), max: Duration::from_secs(5) },
            "每次最多给它多久，最长 5 秒；超过就中止，算失败",
            "How long it may take each time, 5 seconds at the most; then it is stopped and counts as failed",
        )
        .or("2s"),
        LEAD_IN,
        LEAD_OUT,
        MAX_ON,
        MIN_OFF,
        SHARED,
    ],
    zh: "任何能开关功放的程序，如网络插座、USB 继电器的",
    en: "Any program that switches, such as one for a network plug or a USB relay",
};

struct Command {
    on: Vec<String>,
    off: Vec<String>,
    limit: Duration,
}

fn check(selection: &Selection) -> Result<(), AmplifierFault> {
    let times = times(selection);
    if times.max_on > times.lead_in + times.lead_out { Ok(()) } else { Err(AmplifierFault::NoTime) }
}

fn open(selection: &Selection) -> Box<dyn Amplifier> {
    let words = |key: &str| selection.texts(key).to_vec();
    Box::new(Command { on: words(ON), off: words(OFF), limit: limit(selection) })
}

fn limit(selection: &Selection) -> Duration {
    selection.length(TIME_LIMIT).unwrap_or(USUAL_LIMIT)
}

impl Amplifier for Command {
    fn switch(&mut self, to: Switch) -> Switching<'_> {
        let words = match to {
            Switch::On => &self.on,
            Switch::Off => &self.off,
        };
        Box::pin(run(words, self.limit))
    }
}

/// Runs the program to its end. Afterwards it and everything in its process group is dead.
async fn run(words: &[String], limit: Duration) -> Result<(), AmplifierFault> {
    let program = words.first().cloned().unwrap_or_default();
    match timeout(limit, converse(&program, words)).await {
        Ok(ended) => ended,
        Err(_) => Err(AmplifierFault::TimedOut { program, limit }),
    }
}

async fn converse(program: &str, words: &[String]) -> Result<(), AmplifierFault> {
    let unstarted = |source| AmplifierFault::Start { program: program.to_owned(), source };
    let mut command = tokio::process::Command::from(prepare(words, &[]).map_err(unstarted)?);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(unstarted)?;
    // None only for one that was waited for, which nobody has done.
    let family = child.id().map(Family::of);
    let stderr = child.stderr.take();
    let waiting = async {
        let status = child.wait().await.map_err(unstarted);
        // A helper that it left behind would hold its stream open, and us waiting.
        drop(family);
        status
    };
    let (status, said) = tokio::join!(waiting, last_line(stderr));
    let status = status?;
    if status.success() {
        return Ok(());
    }
    Err(AmplifierFault::Failed { program: program.to_owned(), status: status.to_string(), said })
}
