//! `dalaba county`: what the office does.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Asia;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::keys::{passphrase, passphrase_file, told};
use super::moment::start;
use super::out::print;
use super::{Context, Failure, Subcommand, alert, county_server};
use crate::config::{Severity, parse_playlist, report, review_texts};
use crate::county::keyring::Keyring;
use crate::county::press::{Order, Press, PressFault};
use crate::model::{Bundle, BundlePart, CampaignId, IdError, Lang, Target};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::bundles::is_fit;
use crate::station::kinds::kinds;
use crate::station::{clock, sources};
use crate::trust::{Role, Root, SecretKey};

/// The row of the command table.
pub(super) const COUNTY: Subcommand = Subcommand { name: "county", arguments, run };

/// Days in which a bundle must reach its stations, unless somebody says otherwise. One that has it goes on after them.
const DAYS: &str = "30";

fn arguments(lang: Lang) -> Command {
    let folder = |id: &'static str, default, zh, en| {
        Arg::new(id)
            .long(id)
            .global(true)
            .default_value(default)
            .value_name(lang.pick("文件夹", "FOLDER"))
            .value_parser(value_parser!(PathBuf))
            .help(lang.pick(zh, en))
    };
    Command::new("county")
        .about(lang.pick(
            "县里的事：签发节目、撤下节目、发警报、服务器",
            "What the county office does: publish, withdraw, alert, serve",
        ))
        .subcommand_required(true)
        .arg(folder("keys", "keys", "密钥所在的文件夹", "The folder of the keys"))
        .arg(folder(
            "published",
            "published",
            "签发过的都记在这个文件夹里，不要删",
            "Where everything published is remembered: never delete it",
        ))
        .arg(alert::folder(lang))
        .subcommand(alert::arguments(lang))
        .subcommand(publish_arguments(lang))
        .subcommand(
            Command::new("withdraw")
                .about(lang.pick("撤下一个专项", "Withdraws a campaign"))
                .arg(
                    Arg::new("campaign")
                        .required(true)
                        .value_name(lang.pick("专项", "CAMPAIGN"))
                        .help(lang.pick("哪个专项", "Which campaign")),
                )
                .args(signing(lang)),
        )
        .subcommands(county_server::commands(lang))
}

fn publish_arguments(lang: Lang) -> Command {
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
        .args(signing(lang))
}

fn signing(lang: Lang) -> [Arg; 5] {
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

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let path = |id| arguments.get_one::<PathBuf>(id).cloned().unwrap_or_default();
    let office = Office { ring: Keyring::new(path("keys")), press: Press::new(path("published")) };
    match arguments.subcommand() {
        Some(("alert", typed)) => alert::run(context, office.ring, path("alerts"), typed)?,
        Some(("publish", typed)) => publish(context.lang, &office, typed)?,
        Some(("serve", typed)) => county_server::serve(context, typed)?,
        Some(("enrol", typed)) => county_server::enrol(context, typed)?,
        Some(("revoke", typed)) => county_server::revoke(context, typed)?,
        Some((_, typed)) => withdraw(context.lang, &office, typed)?,
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

struct Office {
    ring: Keyring,
    press: Press,
}

fn publish(lang: Lang, office: &Office, typed: &ArgMatches) -> Result<(), Failure> {
    let folder = typed.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    let named = typed.get_one::<String>("campaign").map(String::as_str);
    let own = || folder.canonicalize().ok()?.file_name()?.to_str().map(str::to_owned);
    let name = named.map(str::to_owned).or_else(own).unwrap_or_default();
    let targets = typed.get_many::<String>("to").into_iter().flatten();
    let target = targets.map(|target| target.parse::<Target>()).collect::<Result<_, _>>();
    let order = order(campaign(&name)?, target.map_err(|error| bad_name(&error))?, typed)?;
    let bundle = office.press.draft(&folder, order).map_err(|fault| unpublished(&fault))?;
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    check_texts(lang, &folder, &bundle)?;
    is_fit(&program, &folder, &bundle).map_err(|fault| {
        let words = fault.words();
        Failure::new(format!("没有签发：{}", words.zh), format!("not published: {}", words.en))
    })?;
    if typed.get_flag("dry-run") {
        return print(&described(lang, &bundle, None));
    }
    issue(lang, office, &bundle, &folder, typed)
}

fn withdraw(lang: Lang, office: &Office, typed: &ArgMatches) -> Result<(), Failure> {
    let name = typed.get_one::<String>("campaign").map(String::as_str).unwrap_or_default();
    let order = order(campaign(name)?, Vec::new(), typed)?;
    let bundle = office.press.withdrawal(order).map_err(|fault| unpublished(&fault))?;
    issue(lang, office, &bundle, Path::new(""), typed)
}

fn campaign(name: &str) -> Result<CampaignId, Failure> {
    let hidden = name.starts_with('.').then_some(IdError::Forbidden('.'));
    CampaignId::new(name).and_then(|id| hidden.map_or(Ok(id), Err)).map_err(|error| bad_name(&error))
}

fn bad_name(error: &IdError) -> Failure {
    Failure::new(format!("名称不行：{error}"), format!("not a name: {error}"))
}

/// Says when it counts. The days in which it must arrive begin when it may be in force.
fn order(campaign: CampaignId, target: Vec<Target>, typed: &ArgMatches) -> Result<Order, Failure> {
    let now = clock::wall();
    let days = typed.get_one::<u16>("days").copied().unwrap_or_default();
    let from = typed.get_one::<String>("from").map(|text| start(text, now, Asia::Shanghai)).transpose()?;
    let not_before = from.unwrap_or(now);
    Ok(Order { campaign, target, issued: now, not_before, expires: after(not_before.max(now), days) })
}

fn after(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now.checked_add_signed(Duration::days(i64::from(days))).unwrap_or(now)
}

/// Refuses what `check` refuses, in the same words.
fn check_texts(lang: Lang, folder: &Path, bundle: &Bundle) -> Result<(), Failure> {
    let reader = Reader::new(&[], Options::default());
    let (mut complaints, mut texts) = (Vec::new(), Vec::new());
    let playlists = bundle.files.iter().filter(|file| file.path.part() == BundlePart::Playlist);
    for file in playlists {
        match sources::read(&folder.join(file.path.as_str())) {
            Ok(source) => {
                let parsed = parse_playlist(&source, &kinds());
                complaints
                    .extend(review_texts(&parsed, &source, &|text, language| reader.review(text, language)));
                complaints.extend(parsed.complaints);
                texts.push(source);
            }
            Err(complaint) => complaints.push(*complaint),
        }
    }
    if !complaints.is_empty() {
        print(&report(&complaints, &texts, lang, false))?;
    }
    if complaints.iter().any(|complaint| complaint.severity == Severity::Error) {
        return Err(Failure::new("有错误，没有签发", "there are mistakes: not published"));
    }
    Ok(())
}

fn issue(
    lang: Lang,
    office: &Office,
    bundle: &Bundle,
    folder: &Path,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let root = office.ring.root().map_err(|fault| told(&fault))?.ok_or_else(|| {
        Failure::new(
            "还没有根文件：先 dalaba keys rotate",
            "there is no root yet: dalaba keys rotate comes first",
        )
    })?;
    let secrets = secrets(lang, office, &root, typed)?;
    let envelope = office.press.sign(bundle, &root, &secrets).map_err(|fault| unpublished(&fault))?;
    let default = || PathBuf::from(format!("{}-{}.dalaba", bundle.campaign, bundle.serial));
    let to = typed.get_one::<PathBuf>("output").cloned().unwrap_or_else(default);
    office.press.publish(bundle, &envelope, folder, &to).map_err(|fault| unpublished(&fault))?;
    print(&described(lang, bundle, Some(&to)))
}

/// Opens the keys of those who sign. A passphrase file serves them all.
fn secrets(lang: Lang, office: &Office, root: &Root, typed: &ArgMatches) -> Result<Vec<SecretKey>, Failure> {
    let names: Vec<&String> = typed.get_many("by").into_iter().flatten().collect();
    let needed = root.roles.get(&Role::Publisher).map_or(1, |quorum| quorum.threshold);
    if names.len() < needed {
        return Err(Failure::new(
            format!("签发要 {needed} 个人：--by 要写 {needed} 次"),
            format!("it takes {needed} to publish: write --by {needed} times"),
        ));
    }
    let open = |name: &&String| {
        office.ring.unlock(name, &passphrase(lang, name, typed, false)?).map_err(|fault| told(&fault))
    };
    names.iter().map(open).collect()
}

fn described(lang: Lang, bundle: &Bundle, to: Option<&Path>) -> String {
    let target: Vec<String> = bundle.target.iter().map(ToString::to_string).collect();
    let (campaign, serial, target) = (&bundle.campaign, bundle.serial, target.join(" "));
    let civil = |at: DateTime<Utc>| at.with_timezone(&Asia::Shanghai).format("%Y-%m-%d %H:%M").to_string();
    let (from, until) = (civil(bundle.not_before), civil(bundle.expires));
    let files = bundle
        .files
        .iter()
        .fold(String::new(), |listed, file| listed + &format!("  {}  {} B\n", file.path, file.bytes));
    let (count, bytes) = (bundle.files.len(), bundle.bytes());
    let head = match (lang, bundle.withdraws()) {
        (Lang::Zh, false) => {
            format!(
                "“{campaign}”第 {serial} 号，发给 {target}，{count} 个文件，{bytes} 字节，{from} 起用，{until} 前送到有效\n"
            )
        }
        (Lang::En, false) => {
            format!(
                "{campaign} number {serial} for {target}: {count} files, {bytes} bytes, in force from {from}, to arrive before {until}\n"
            )
        }
        (Lang::Zh, true) => format!("撤下“{campaign}”（第 {serial} 号），发给 {target}\n"),
        (Lang::En, true) => format!("Withdraws {campaign} (number {serial}) at {target}\n"),
    };
    let foot = match (lang, to) {
        (Lang::Zh, Some(to)) => format!("写好了：{}\n在站点上：dalaba import 这个文件\n", to.display()),
        (Lang::En, Some(to)) => format!("Written: {}\nAt a station: dalaba import FILE\n", to.display()),
        (Lang::Zh, None) => "只是看看，没有签发\n".to_owned(),
        (Lang::En, None) => "Only a look: nothing was published\n".to_owned(),
    };
    head + &files + &foot
}

fn unpublished(fault: &PressFault) -> Failure {
    let zh = match fault {
        PressFault::Nothing(folder) => {
            format!("{} 里没有节目单、录音、放假安排或词典", folder.display())
        }
        PressFault::TooMuch { files, bytes } => format!("太多了：{files} 个文件，{bytes} 字节"),
        PressFault::Name(path) => format!("{} 这个文件名不能进节目包", path.display()),
        PressFault::Unknown(campaign) => format!("从来没有签发过“{campaign}”"),
        PressFault::NotEnough => "签名的人不够，或者不是能签发的人".to_owned(),
        PressFault::Disk(path, error) => format!("{}：{error}", path.display()),
    };
    Failure::new(zh, fault.to_string())
}
