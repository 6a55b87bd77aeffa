//! What may be typed after `dalaba county alert`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

use super::super::county_server::database;
use super::super::keys::passphrase_file;
use super::super::publish::arguments::server;
use super::cap::{files, judging};
use crate::model::{Lang, Priority, Status};

/// The folder of what was issued.
pub(in crate::cmd) fn folder(lang: Lang) -> Arg {
    Arg::new("alerts")
        .long("alerts")
        .global(true)
        .default_value("alerts")
        .value_name(lang.pick("文件夹", "FOLDER"))
        .value_parser(value_parser!(PathBuf))
        .help(lang.pick(
            "发过的警报和备好的更正都在这个文件夹里，只给签发的人看",
            "Where issued alerts and their corrections are kept; only for those who sign",
        ))
}

/// The command.
pub(in crate::cmd) fn arguments(lang: Lang) -> Command {
    Command::new("alert")
        .about(lang.pick("警报：发布、更新、解除、更正", "Alerts: issue, update, cancel, correct"))
        .arg_required_else_help(true)
        .subcommand_precedence_over_arg(true)
        .args(taking(lang))
        .after_help(lang.pick(
            "只写文件（dalaba county alert 暴雨.xml）：别的部门的 CAP 预警，先看会播什么，--by 签发。优先级照 alert-map.toml，站点照 \
             areas.toml，都在站点配置（--config）旁边。没有 --by 就什么都不发；-o 写一份没有签名的，以后 sign。有一条不行，退出码就是 1。",
            "With files only (dalaba county alert storm.xml): CAP warnings of other offices, shown as they would be aired; --by signs. \
             Priorities come from alert-map.toml and stations from areas.toml, beside the station file (--config). Without --by nothing \
             is sent; -o leaves it unsigned, for sign. If anything is refused, the exit code is 1.",
        ))
        .subcommand(new(lang))
        .subcommand(
            Command::new("update")
                .about(lang.pick("更新一条警报：站点停播旧的，改播新的", "Replaces an alert with a new one"))
                .arg(reference(lang))
                .args(content(lang))
                .args(sending(lang)),
        )
        .subcommand(
            Command::new("cancel")
                .about(lang.pick("解除一条警报，并说一声", "Ends an alert, and says so once"))
                .arg(reference(lang))
                .args([text(lang), words(lang), priority(lang)])
                .args(sending(lang)),
        )
        .subcommand(
            Command::new("correct")
                .about(lang.pick(
                    "发错了：马上发出和它一起签好的更正，不用口令",
                    "It was wrong: sends the correction that was signed with it, without a passphrase",
                ))
                .arg(reference(lang))
                .args(sending(lang)),
        )
        .subcommand(Command::new("cap").hide(true).arg_required_else_help(true).args(taking(lang)))
        .subcommand(super::folder::arguments(lang))
        .subcommand(super::feed::arguments(lang))
        .subcommand(Command::new("list").about(lang.pick("列出发过的警报", "Lists what was issued")))
        .subcommand(
            Command::new("sign")
                .about(lang.pick("给等着第二个人的警报签名", "Signs an alert that waits for a second person"))
                .arg(
                    Arg::new("file")
                        .required(true)
                        .value_name(lang.pick("文件", "FILE"))
                        .value_parser(value_parser!(PathBuf))
                        .help(lang.pick("警报文件", "The alert")),
                )
                .args(sending(lang)),
        )
}

fn taking(lang: Lang) -> Vec<Arg> {
    let mut all = vec![files(lang)];
    all.extend(judging(lang));
    all.extend(sending(lang));
    all
}

/// What may be said of warnings that come in by themselves. Whoever signs does so from a file: nobody sits at the terminal.
pub(super) fn unattended(lang: Lang) -> Vec<Arg> {
    let signing = sending(lang).into_iter().filter(|arg| arg.get_id() != "output");
    let signing = signing.map(|arg| if arg.get_id() == "by" { arg.requires("passphrase-file") } else { arg });
    let once = Arg::new("once")
        .long("once")
        .action(ArgAction::SetTrue)
        .help(lang.pick("看一次就结束，适合定时任务", "Looks once and ends, for a timer to start it"));
    judging(lang).into_iter().chain(signing).chain([once]).collect()
}

fn new(lang: Lang) -> Command {
    Command::new("new")
        .about(lang.pick("发布一条警报", "Issues an alert"))
        .after_help(lang.pick(
            "用备好的：dalaba county alert new 暴雨 --set 地点=河东镇 --to zone:河东 --by 李科长 --by 王主任\n\
             超过 20 个站点（或者按区域、全部发）的应急，要两个人签名。",
            "A prepared one: dalaba county alert new 暴雨 --set 地点=河东镇 --to zone:河东 --by NAME --by NAME\n\
             An emergency for more than 20 stations, for a zone or for all, must be signed by two people.",
        ))
        .arg(
            Arg::new("prepared")
                .value_name(lang.pick("备好的警报", "PREPARED"))
                .help(lang.pick("alerts.toml 里的一条，如 暴雨", "One of alerts.toml, such as 暴雨")),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .required(true)
                .value_delimiter(',')
                .value_name(lang.pick("站点,zone:区域…", "STATION,zone:ZONE…"))
                .help(lang.pick("发给谁：站点、zone:区域，或 '*'（全部）", "Whom it is for: stations, zone:NAME, or '*'")),
        )
        .args(content(lang))
        .args(sending(lang))
        .arg(database(lang))
}

fn reference(lang: Lang) -> Arg {
    Arg::new("reference").required(true).value_name(lang.pick("编号", "REFERENCE")).help(
        lang.pick("哪一条：list 里的编号，写开头就行", "Which one: its name in the list, or how that begins"),
    )
}

fn text(lang: Lang) -> Arg {
    Arg::new("text")
        .long("text")
        .value_name(lang.pick("文字", "TEXT"))
        .help(lang.pick("播什么", "What is said"))
}

fn words(lang: Lang) -> Arg {
    Arg::new("set")
        .long("set")
        .action(ArgAction::Append)
        .value_name(lang.pick("地点=河东镇", "PLACE=WORDS"))
        .help(lang.pick("填备好的文字里的花括号；可写多次", "Fills a place in braces; may be given again"))
}

fn priority(lang: Lang) -> Arg {
    Arg::new("priority")
        .long("priority")
        .value_name(lang.pick("优先级", "PRIORITY"))
        .value_parser(PossibleValuesParser::new(Priority::ALL.map(Priority::as_str)))
        .help(lang.pick(
            "优先级；只有 emergency（应急）夜里也播。不写就按 --severity 等三个词查 alert-map.toml",
            "How strong it is; only an emergency sounds at night, too. If absent, alert-map.toml says it by --severity and \
             the two other words",
        ))
}

fn content(lang: Lang) -> Vec<Arg> {
    let word = |id: &'static str, zh, en| {
        Arg::new(id).long(id).value_name(lang.pick("CAP 的词", "WORD OF CAP")).help(lang.pick(zh, en))
    };
    let status = Arg::new("status")
        .long("status")
        .value_name(lang.pick("性质", "STATUS"))
        .value_parser(PossibleValuesParser::new(Status::ALL.map(Status::as_str)))
        .help(lang.pick(
            "实播（actual，默认）、演练（drill）或测试（test）；演练和测试由站点自己说明",
            "Meant (actual, the default), a drill, or a test; each station says of a drill that it is one",
        ));
    vec![
        Arg::new("event")
            .long("event")
            .value_name(lang.pick("什么事", "EVENT"))
            .help(lang.pick("什么事，几个字", "What happens, in a few words")),
        text(lang),
        words(lang),
        priority(lang),
        word("severity", "严重程度，如 Extreme", "How bad, such as Extreme"),
        word("urgency", "紧迫程度，如 Immediate", "How soon, such as Immediate"),
        word("certainty", "把握，如 Observed", "How sure, such as Observed"),
        status,
        Arg::new("expires").long("expires").value_name(lang.pick("时长", "TIME")).help(lang.pick(
            "多久以后失效，如 2h、30m；应急最长 24h；不写：2h",
            "How long it is in force, such as 2h; 24h at most for an emergency; 2h, if absent",
        )),
        Arg::new("repeat").long("repeat").value_name(lang.pick("间隔", "INTERVAL")).help(lang.pick(
            "隔多久再播一遍，如 60s；once 只播一遍；不写：应急 30s，其他一遍",
            "How often it is said, such as 60s; or once; 30s for an emergency and once for others, if absent",
        )),
        Arg::new("correction").long("correction").value_name(lang.pick("文字", "TEXT")).help(lang.pick(
            "万一发错了怎么更正；一起签好，用 correct 马上发出",
            "What is said if it was wrong; signed with it, and sent at once by correct",
        )),
    ]
}

pub(super) fn sending(lang: Lang) -> [Arg; 5] {
    let [server, certificate] = server(lang, false);
    [
        Arg::new("by")
            .long("by")
            .action(ArgAction::Append)
            .value_name(lang.pick("姓名", "NAME"))
            .help(lang.pick("谁签发；两个人就写两次", "Who signs; twice for two people")),
        passphrase_file(lang),
        Arg::new("output")
            .short('o')
            .long("output")
            .value_name(lang.pick("文件", "FILE"))
            .value_parser(value_parser!(PathBuf))
            .help(
                lang.pick("再写一份到这里，可以用 U 盘送", "Where a copy is written, to be carried by stick"),
            ),
        server,
        certificate,
    ]
}
