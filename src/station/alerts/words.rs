//! What is spoken. A drill says that it is one, before and after; nobody can leave that out, because it is added here.

use crate::model::{Alert, Status};

/// Signs after which a voice makes its pause.
const ENDS: [char; 8] = ['。', '！', '？', '…', '.', '!', '?', '；'];

/// Returns the words that are spoken for `alert`.
pub(super) fn spoken(alert: &Alert) -> String {
    let text = sentence(alert.text.trim());
    let chinese = !alert.language.starts_with("en");
    match (alert.status, chinese) {
        (Status::Actual, _) => text,
        (Status::Drill, true) => format!("演练，演练。{text}以上是演练。"),
        (Status::Test, true) => format!("测试，测试。{text}以上是测试。"),
        (Status::Drill, false) => format!("This is a drill. This is a drill. {text} This was a drill."),
        (Status::Test, false) => format!("This is a test. This is a test. {text} This was a test."),
    }
}

fn sentence(text: &str) -> String {
    let stop = if text.is_ascii() { "." } else { "。" };
    if text.ends_with(ENDS) { text.to_owned() } else { format!("{text}{stop}") }
}
