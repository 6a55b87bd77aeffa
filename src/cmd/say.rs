//! `dalaba say`: puts a text on air, by the one road that everything takes.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::ask::{ask, beside_the_point};
use super::out::print;
use super::{Context, Failure, Subcommand};
use crate::model::{Lang, Priority, Status};
use crate::station::control::{ControlReply, MOST_REPEATS, Request};

/// The row of the command table.
pub(super) const SAY: Subcommand = Subcommand { name: "say", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("say")
        .about(lang.pick("立即播一段文字", "Says a text now"))
        .arg(
            Arg::new("text")
                .required(true)
                .value_name(lang.pick("文字", "TEXT"))
                .help(lang.pick("要播的文字", "What is to be said")),
        )
        .arg(
            Arg::new("station")
                .long("station")
                .short('s')
                .required(true)
                .action(ArgAction::Append)
                .value_name(lang.pick("站点", "STATION"))
                .help(lang.pick(
                    "在哪里播：站点名、zone:区域名，或 '*'（全部）；可写多次",
                    "Where: a station, zone:NAME, or '*' for all; may be given again",
                )),
        )
        .args(manner(lang))
}

/// How it is said.
fn manner(lang: Lang) -> [Arg; 3] {
    let priority = Arg::new("priority")
        .long("priority")
        .value_name(lang.pick("优先级", "PRIORITY"))
        .default_value(Priority::default().as_str())
        .value_parser(PossibleValuesParser::new(Priority::ALL.map(Priority::as_str)))
        .help(lang.pick(
            "优先级，越靠后越高；只有 emergency（应急）不受静音时段和时长限制",
            "How strong it is, strongest last; only an emergency passes quiet hours and noise limits",
        ));
    let repeat = Arg::new("repeat")
        .long("repeat")
        .value_name(lang.pick("遍数", "TIMES"))
        .default_value("1")
        .value_parser(value_parser!(u32).range(1..=i64::from(MOST_REPEATS)))
        .help(match lang {
            Lang::Zh => format!("播几遍，1 到 {MOST_REPEATS}"),
            Lang::En => format!("Times that it is read, 1 to {MOST_REPEATS}"),
        });
    let status = Arg::new("status")
        .long("status")
        .value_name(lang.pick("性质", "STATUS"))
        .default_value(Status::default().as_str())
        .value_parser(PossibleValuesParser::new(Status::ALL.map(Status::as_str)))
        .help(
            lang.pick("实播（actual）、演练（drill）或测试（test）", "Meant, a drill, or a technical test"),
        );
    [priority, repeat, status]
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let reply = ask(context, &request(arguments))?;
    let ControlReply::Said { airings } = reply else { return Err(beside_the_point(&reply)) };
    let heading = context.lang.pick("已排入播发：", "Queued:");
    print(&format!("{heading}\n  {}\n", airings.join("\n  ")))?;
    Ok(ExitCode::SUCCESS)
}

fn request(arguments: &ArgMatches) -> Request {
    let word = |name: &str| arguments.get_one::<String>(name).map_or("", String::as_str);
    Request::Say {
        text: word("text").to_owned(),
        stations: super::stations(arguments),
        // The parser lets only names of the lists through.
        priority: word("priority").parse().unwrap_or_default(),
        repeat: arguments.get_one("repeat").copied().unwrap_or(1),
        status: word("status").parse().unwrap_or_default(),
    }
}
