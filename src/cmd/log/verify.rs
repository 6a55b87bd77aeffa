//! `dalaba log verify`: whether the log is whole, and if not, from where on it cannot be believed.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::super::out::{plain, print};
use super::super::{Context, Failure};
use super::failure;
use crate::model::{Lang, Words};
use crate::station::journal::{Fault, FaultKind, Link, Verdict, verify};

/// Builds the arguments.
pub(super) fn arguments(lang: Lang) -> Command {
    let head = Arg::new("head").long("head").value_name(lang.pick("编号:校验值", "N:HASH"));
    Command::new("verify")
        .about(lang.pick(
            "检查播发记录有没有被改动、删减、调换",
            "Finds out whether records were changed, cut or moved",
        ))
        .arg(head.help(lang.pick(
            "以前抄下的“末条”；那一条之前有任何改动都会被发现",
            "A head noted down earlier; any change before it is found",
        )))
}

/// Walks the log. Exit code 1 says that something is wrong with it.
pub(super) fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let noted = arguments.get_one::<String>("head").map(|typed| head(typed)).transpose()?;
    let verdict = verify(&context.state, noted).map_err(failure)?;
    let lang = context.lang;
    let faults = verdict.faults.iter().map(|fault| plain(&line(fault, lang)) + "\n");
    let text = faults.chain([summary(&verdict, lang)]).collect::<String>();
    print(&text)?;
    Ok(if verdict.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn head(typed: &str) -> Result<Link, Failure> {
    typed.parse().map_err(|()| {
        Failure::new(
            format!("“{typed}”不像以前抄下的“末条”，应该是“编号:校验值”"),
            format!("{typed:?} is no head; it looks like NUMBER:HASH"),
        )
    })
}

fn summary(verdict: &Verdict, lang: Lang) -> String {
    let (records, head) = (verdict.records, verdict.head);
    match (lang, verdict.faults.is_empty()) {
        (Lang::Zh, true) => format!("记录完整：共 {records} 条\n末条 {head}\n"),
        (Lang::En, true) => format!("the log is whole: {records} records\nhead {head}\n"),
        (Lang::Zh, false) => format!("记录有问题：共 {records} 条，从上面第一处起不可信\n"),
        (Lang::En, false) => {
            format!("the log is not whole: {records} records; do not trust it from the first fault on\n")
        }
    }
}

fn line(fault: &Fault, lang: Lang) -> String {
    let what = words(&fault.kind);
    let Some(seq) = fault.seq else { return what.in_lang(lang).to_owned() };
    let place: Vec<&str> = [fault.station.as_deref(), fault.at.as_deref()].into_iter().flatten().collect();
    let place = place.join(" ");
    match lang {
        Lang::Zh => format!("第 {seq} 条（{place}）：{}", what.zh),
        Lang::En => format!("record {seq} ({place}): {}", what.en),
    }
}

fn words(kind: &FaultKind) -> Words {
    match kind {
        FaultKind::Altered => Words::new(
            "与校验值不符：这一条被改过、换过位置，或是后加的",
            "does not match its hash: it was changed, moved or put in",
        ),
        FaultKind::Gap(missing) => Words::new(
            format!("前面缺记录，从第 {missing} 条起"),
            format!("records are missing before it, from {missing} on"),
        ),
        FaultKind::Shortened(seq) => Words::new(
            format!("末尾缺记录：原来至少到第 {seq} 条"),
            format!("the end is cut off: there were at least {seq} records"),
        ),
        FaultKind::ShortenedBefore(seq) => Words::new(
            format!("这次启动时发现前面的记录被截短，原来到第 {seq} 条"),
            format!("this start found the records before it cut off; they had reached {seq}"),
        ),
        FaultKind::AnchorLostBefore => {
            Words::new("这次启动时发现 as-run.head 文件不见了", "this start found the file as-run.head gone")
        }
        FaultKind::AnchorLost => Words::new(
            "as-run.head 文件不见了或读不出，无法确认末尾是否完整",
            "the file as-run.head is gone or unreadable: whether the end is whole cannot be said",
        ),
        FaultKind::Rewritten(seq) => Words::new(
            format!("第 {seq} 条与留底的校验值不同：记录被整个重写过"),
            format!("record {seq} has another hash than was noted: the log was written anew"),
        ),
        FaultKind::Schema(name) => Words::new(
            format!("数据库里的 {name} 缺失或被换过"),
            format!("{name} is missing from the database, or is not ours"),
        ),
        FaultKind::Structure(detail) => {
            Words::new(format!("数据库文件损坏：{detail}"), format!("the database file is damaged: {detail}"))
        }
        FaultKind::ClosedTwice(airing) => {
            Words::new(format!("{airing} 有两个结果"), format!("{airing} was closed twice"))
        }
        FaultKind::OnAirAgain(airing) => {
            Words::new(format!("{airing} 播了不止一次"), format!("{airing} came on air again"))
        }
        FaultKind::NeverClosed(airing) => Words::new(
            format!("{airing} 开播后没有结果"),
            format!("{airing} came on air and was never closed"),
        ),
        FaultKind::StrayVerdict(airing) => Words::new(
            format!("{airing} 的监听结论不该在这里"),
            format!("{airing} was judged by a microphone before its end, or twice"),
        ),
        FaultKind::TwoAtOnce(one, two) => {
            Words::new(format!("{one} 与 {two} 同时出声"), format!("{one} and {two} sounded at once"))
        }
    }
}
