//! `render`, hidden: the child of our own that speaks or decodes one thing behind walls.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::{Context, Failure, Subcommand};
use crate::clip::recording::{decode_as_child, examine_as_child};
use crate::model::Lang;
use crate::speech::engine::child::{Job, SUBCOMMAND};
use crate::speech::engine::{kokoro, speak_as_child};

/// The row of this subcommand.
pub(super) const RENDER: Subcommand = Subcommand { name: SUBCOMMAND, arguments, run };

fn arguments(lang: Lang) -> Command {
    let job = Arg::new("job").required(true).value_parser(Job::ALL.map(Job::as_str));
    Command::new(SUBCOMMAND)
        .hide(true)
        .about(lang.pick("（内部使用）合成一段语音或解码一段录音", "(internal) speaks or decodes one thing"))
        .arg(job)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape of every subcommand; a child's failure is in its answer"
)]
fn run(_: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let word = arguments.get_one::<String>("job").map(String::as_str);
    let job = Job::ALL.into_iter().find(|job| Some(job.as_str()) == word);
    Ok(match job.expect("the parser lets only jobs through") {
        Job::Speak => speak_as_child(),
        Job::Kokoro => kokoro::answer(),
        Job::Decode => decode_as_child(),
        Job::Examine => examine_as_child(),
    })
}
