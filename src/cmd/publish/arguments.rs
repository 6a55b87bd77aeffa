//! What is typed after `county publish`, `withdraw` and `send`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::cmd::keys::passphrase_file;
use crate::model::Lang;

/// Days in which a bundle must reach its stations, unless somebody says otherwise. One that has it goes on after them.
const DAYS: &str = "30";

/// Builds the arguments of `county publish`.
pub(in crate::cmd) fn publish(lang: Lang) -> Command {
    Command::new("publish")
        .about(lang.pick(
            "把一个文件夹签发成节目包",
            "Makes a signed bundle of a folder",
        ))
        .after_help(lang.pick(
            "文件夹里和站点一样：broadcasts/ 放节目单，audio/ 放录音，还可以有 holidays/ 和 lexicon.toml。\
             专项就是一次宣传活动，再签发一次就整个换掉上一次。",
            "The folder is laid out as a station's: playlists in broadcasts/, recordings in audio/, and, if need be, \
             holidays/ and lexicon.toml. Publishing a campaign again replaces all of it.",
        ))
        .arg(
            Arg::new("folder")
                .required(true)
                .value_name(lang.pick("文件夹", "FOLDER"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("要签发的文件夹", "What is published")),
        )
        .arg(
            Arg::new("campaign")
                .long("campaign")
                .value_name(lang.pick("专项", "CAMPAIGN"))
                .help(lang.pick("专项的名称；不写就用文件夹的名称", "The campaign's name; the folder's, if absent")),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_delimiter(',')
                .default_value("*")
                .value_name(lang.pick("站点,zone:区域…", "STATION,zone:ZONE…"))
                .help(lang.pick("发给谁", "Whom it is for")),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help(lang.pick("只检查、只看会签发什么", "Only checks, and shows what would be published")),
        )
        .args(village(lang))
        .args(voice(lang))
        .args(signing(lang))
        .args(server(lang, false))
}

/// Builds the options of whatever is signed.
pub(in crate::cmd) fn signing(lang: Lang) -> [Arg; 5] {
    [
        Arg::new("from").long("from").value_name(lang.pick("时间", "TIME")).help(lang.pick(
            "何时起用，北京时间，如 2026-12-01 或 2026-12-01T06:00；不写就是收到就用",
            "From when on, Beijing time, such as 2026-12-01 or 2026-12-01T06:00; at once, if absent",
        )),
        Arg::new("by")
            .long("by")
            .required(true)
            .action(ArgAction::Append)
            .value_name(lang.pick("姓名", "NAME"))
            .help(lang.pick("谁签发；要几个人签就写几次", "Who signs; once for each who must")),
        Arg::new("days")
            .long("days")
            .default_value(DAYS)
            .value_parser(value_parser!(u16).range(1..=3650))
            .value_name(lang.pick("天数", "DAYS"))
            .help(lang.pick(
                "多少天内送到有效；已经收下的照播",
                "In how many days it must arrive; a station that has it goes on",
            )),
        passphrase_file(lang),
        Arg::new("output")
            .short('o')
            .long("output")
            .value_name(lang.pick("文件", "FILE"))
            .value_parser(value_parser!(PathBuf))
            .help(lang.pick(
                "节目包写到哪里；不写就用“专项-编号.dalaba”",
                "Where it is written; CAMPAIGN-NUMBER.dalaba, if absent",
            )),
    ]
}

/// Builds the options that name a village for the dry run.
fn village(lang: Lang) -> [Arg; 3] {
    [
        Arg::new("station")
            .long("station")
            .requires("dry-run")
            .value_name(lang.pick("站点", "STATION"))
            .help(lang.pick(
                "连同 --dry-run：看这个站点的节目时刻",
                "With --dry-run: shows this station's timetable",
            )),
        Arg::new("zones")
            .long("zones")
            .requires("station")
            .value_delimiter(',')
            .value_name(lang.pick("区域", "ZONES"))
            .help(lang.pick("那个站点属于哪些区域", "The zones that the station belongs to")),
        Arg::new("week").long("week").requires("dry-run").action(ArgAction::SetTrue).help(lang.pick(
            "连同 --dry-run：看七天，不写就看一天",
            "With --dry-run: shows seven days; one, if absent",
        )),
    ]
}

fn voice(lang: Lang) -> [Arg; 2] {
    [
        Arg::new("render").long("render").action(ArgAction::SetTrue).help(lang.pick(
            "文字在县里先念好，装进节目包；站点的词典另有读法的，站点自己念",
            "Speaks the texts here, and puts the clips into the bundle; a station whose lexicon reads one otherwise speaks it itself",
        )),
        Arg::new("voice").long("voice").requires("render").value_name(lang.pick("声音", "VOICE")).help(lang.pick(
            "连同 --render：用哪个声音，如 kokoro:zf_xiaoxiao，或一个 station.toml；不写就用 station.toml 的，没有就用装好的 kokoro",
            "With --render: which voice, such as kokoro:zf_xiaoxiao, or a station.toml; that of station.toml if absent, or else kokoro if it is installed",
        )),
    ]
}

/// Builds the options that name the county's server.
pub(in crate::cmd) fn server(lang: Lang, required: bool) -> [Arg; 2] {
    [
        Arg::new("server").long("server").required(required).value_name("URL").help(lang.pick(
            "同时送到县里的服务器，如 https://county.example",
            "Sends it to the county's server too, such as https://county.example",
        )),
        Arg::new("certificate")
            .long("certificate")
            .requires("server")
            .value_parser(value_parser!(PathBuf))
            .value_name(lang.pick("文件", "FILE"))
            .help(lang.pick(
                "只认这张证书（PEM）；不写就认大家都认的机构",
                "The certificate (PEM) that the server is known by; the usual authorities, if absent",
            )),
    ]
}

/// Builds the arguments of `county send`.
pub(in crate::cmd) fn send(lang: Lang) -> Command {
    Command::new("send")
        .about(lang.pick("把签发好的节目包送到县里的服务器", "Sends signed bundles to the county's server"))
        .arg(
            Arg::new("bundle")
                .required(true)
                .num_args(1..)
                .value_parser(value_parser!(PathBuf))
                .value_name(lang.pick("文件", "FILE"))
                .help(lang.pick("节目包，可以写多个", "The bundles")),
        )
        .args(server(lang, true))
}

/// Tells how far the preview reaches.
pub(super) fn reach(typed: &ArgMatches) -> chrono::TimeDelta {
    if typed.get_flag("week") { chrono::TimeDelta::days(7) } else { chrono::TimeDelta::days(1) }
}
