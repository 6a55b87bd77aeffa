//! Asks the running daemon; shared by the commands that do nothing else.

use super::{Context, Failure};
use crate::station::control::{CallError, ControlReply, Request, call};

/// Asks the daemon of `context`'s state folder. What it refuses is a failure here, in its own words.
pub(super) fn ask(context: &Context, request: &Request) -> Result<ControlReply, Failure> {
    match call(&context.state, request) {
        Ok(ControlReply::Refused { zh, en }) => Err(Failure::new(zh, en)),
        Ok(reply) => Ok(reply),
        Err(error) => Err(failure(error)),
    }
}

fn failure(error: CallError) -> Failure {
    let words = error.words();
    match error {
        // The words say it all; the system's own would only be noise.
        CallError::NotRunning { .. } | CallError::Forbidden { .. } => Failure::new(words.zh, words.en),
        CallError::BrokeOff(source) => Failure::because(words.zh, words.en, source),
        CallError::NotUnderstood(source) => Failure::because(words.zh, words.en, source),
    }
}

/// States that the daemon answered something that was not asked.
pub(super) fn beside_the_point(reply: &ControlReply) -> Failure {
    Failure::new(
        format!("大喇叭答非所问：{reply:?}；命令与后台程序的版本可能不同，请重启服务"),
        format!("dalaba answered something else: {reply:?}; versions may differ: restart the service"),
    )
}
