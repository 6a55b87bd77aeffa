//! The parser's own words in Chinese: it knows only English ones.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What stands on help pages besides our own texts; where one begins like another, the longer one comes first.
const PHRASES: [(&str, &str); 16] = [
    ("Print this message or the help of the given subcommand(s)", "显示帮助，或某个命令的帮助"),
    ("Print help (see more with '--help')", "显示帮助（--help 更详细）"),
    ("Print help (see a summary with '-h')", "显示帮助（-h 更简短）"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Usage: ", "用法："),
    // Further ways to use it stand under the first, which has moved.
    ("\n       dalaba", "\n      dalaba"),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("通用选项:", "通用选项："),
    ("OPTIONS]", "选项]"),
    ("COMMAND", "命令"),
    ("[default: ", "[默认："),
    ("[env: ", "[环境变量："),
    ("[possible values: ", "[可用："),
];

/// Writes what the parser has to say: a help page, or what was mistyped and how to write it.
pub(super) fn told(error: &Error) -> String {
    if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        mistake(error)
    } else {
        page(&error.render().to_string())
    }
}

fn page(text: &str) -> String {
    PHRASES.iter().fold(text.to_owned(), |text, (en, zh)| text.replace(en, zh))
}

fn mistake(error: &Error) -> String {
    let mut lines = vec![format!("错误：{}", what(error))];
    let nearest = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| texts(error, kind));
    lines.extend(nearest.map(|nearest| format!("是不是想写 {nearest}？")));
    lines.extend(texts(error, ContextKind::ValidValue).map(|valid| format!("可用的有：{valid}")));
    lines.extend(error.get(ContextKind::Usage).map(|usage| page(&usage.to_string())));
    lines.push("详细说明请加 --help 查看".to_owned());
    lines.join("\n") + "\n"
}

fn what(error: &Error) -> String {
    let of = |kind| texts(error, kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => "少了命令".to_owned(),
        ErrorKind::UnknownArgument => format!("用不着 {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面少了内容"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{argument} 不能是“{value}”")
        }
        ErrorKind::MissingRequiredArgument => format!("还要写上 {argument}"),
        ErrorKind::ArgumentConflict if argument == of(ContextKind::PriorArg) => {
            format!("{argument} 只能写一次")
        }
        ErrorKind::ArgumentConflict => {
            format!("{argument} 和 {} 不能一起写", of(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues => format!("{argument} 后面多了“{value}”"),
        ErrorKind::InvalidUtf8 => "有的字不是 UTF-8 编码".to_owned(),
        _ => "看不懂这条命令".to_owned(),
    }
}

/// Joins the texts that the parser put beside its error under one head.
fn texts(error: &Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join("、")),
        _ => None,
    }
}
