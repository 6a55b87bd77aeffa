//! `dalaba county serve`, `enrol` and `revoke`: the county's server, and who may come to it.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Asia;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use qrcode::QrCode;
use qrcode::render::unicode;
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};
use tokio::runtime::{Builder, Runtime};

use super::keys::told;
use super::out::print;
use super::{Context, Failure};
use crate::county::keyring::Keyring;
use crate::county::server::{self, Options};
use crate::county::store::{Address, Store, StoredCode};
use crate::model::{Lang, StationId, Words};
use crate::station::{clock, logging};
use crate::wire::Code;

/// Days in which a code must be used, unless somebody says otherwise.
const DAYS: &str = "7";

/// Where the server listens, unless somebody says otherwise.
const LISTEN: &str = "127.0.0.1:8443";

/// The certificate that everybody knows needs no telling.
const PUBLIC: &str = "public";

/// Builds the three subcommands.
pub(super) fn commands(lang: Lang) -> [Command; 3] {
    [serve_arguments(lang), enrol_arguments(lang), revoke_arguments(lang)]
}

fn serve_arguments(lang: Lang) -> Command {
    let file = |id: &'static str, zh, en| {
        let value = lang.pick("文件", "FILE");
        Arg::new(id).long(id).value_name(value).value_parser(value_parser!(PathBuf)).help(lang.pick(zh, en))
    };
    let number = |id: &'static str, default, zh, en| {
        Arg::new(id)
            .long(id)
            .default_value(default)
            .value_parser(value_parser!(u32).range(1..))
            .help(lang.pick(zh, en))
    };
    Command::new("serve")
        .about(lang.pick("县里的服务器：站点从这里取节目、交播发记录", "The server that stations get bundles from and report to"))
        .after_help(lang.pick(
            "不给证书时只能听本机地址，前面放反向代理。根文件从 --keys 文件夹里读。",
            "Without a certificate it listens on this machine only, for a proxy before it. The root is read from the folder --keys.",
        ))
        .arg(
            Arg::new("listen")
                .long("listen")
                .default_value(LISTEN)
                .value_name(lang.pick("地址:端口", "ADDRESS:PORT"))
                .value_parser(value_parser!(SocketAddr))
                .help(lang.pick("在哪里提供服务", "Where it listens")),
        )
        .arg(database(lang))
        .arg(file("certificate", "证书，PEM", "The certificate, PEM").requires("key"))
        .arg(file("key", "证书的私钥，PEM", "Its private key, PEM").requires("certificate"))
        .arg(file(
            "known-by",
            "登记时告诉站点凭什么认这台服务器：CA 或自签证书（PEM）；不写就是 --certificate，公认的证书写 public",
            "What stations are told to know this server by, a CA or its own certificate (PEM); --certificate if absent, \
             `public` for a certificate that everybody knows",
        ))
        .arg(Arg::new("behind-proxy").long("behind-proxy").action(ArgAction::SetTrue).help(lang.pick(
            "前面有反向代理：来访地址以 X-Forwarded-For 最后一个为准",
            "A proxy stands before it: who asks is the last of X-Forwarded-For",
        )))
        .arg(number("connections", "20000", "最多同时多少个连接", "Most connections at one time"))
        .arg(number("enrolments", "60", "同一地址每分钟最多登记多少次", "Most enrolments that one address may try in a minute"))
}

fn enrol_arguments(lang: Lang) -> Command {
    Command::new("enrol")
        .about(lang.pick("给一个站点发一次性登记码", "Gives out a one-time code for a station"))
        .arg(site(lang))
        .arg(database(lang))
        .arg(Arg::new("address").long("address").value_name(lang.pick("网址", "ADDRESS")).help(
            lang.pick("站点用的服务器网址，https:// 开头", "The server's address for stations, https://…"),
        ))
        .arg(
            Arg::new("days")
                .long("days")
                .default_value(DAYS)
                .value_name(lang.pick("天数", "DAYS"))
                .value_parser(value_parser!(u16).range(1..=365))
                .help(lang.pick("几天内有效", "In how many days it must be used")),
        )
}

fn revoke_arguments(lang: Lang) -> Command {
    Command::new("revoke")
        .about(lang.pick("停用一个站点：它的令牌从此无效", "Revokes a station's token"))
        .arg(site(lang))
        .arg(database(lang))
}

fn site(lang: Lang) -> Arg {
    Arg::new("site")
        .required(true)
        .value_name(lang.pick("站点", "STATION"))
        .help(lang.pick("县里怎么称呼它，一台机器一个名称", "What the county calls it, one name a machine"))
}

/// The option that names the store.
pub(super) fn database(lang: Lang) -> Arg {
    Arg::new("database")
        .long("database")
        .env("DALABA_DATABASE")
        .hide_env_values(true)
        .value_name(lang.pick("文件|postgres://…", "FILE|postgres://…"))
        .help(lang.pick(
            "数据库：SQLite 的文件，或 PostgreSQL 的网址；不写就是状态文件夹里的 county.db",
            "The database: a file of SQLite's, or a URL of PostgreSQL's; county.db in the state folder, if absent",
        ))
}

/// Serves until it is ended.
pub(super) fn serve(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    logging::start(false);
    let options = options(context, typed)?;
    more_files();
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| no_start(&error))?;
    let lang = context.lang;
    runtime
        .block_on(server::run(options, |at| {
            // Whoever closed the screen still wants the server.
            let _ = print(&match lang {
                Lang::Zh => format!("正在 {at} 提供服务\n"),
                Lang::En => format!("Serving on {at}\n"),
            });
        }))
        .map_err(|fault| failed(&fault.words()))
}

fn options(context: &Context, typed: &ArgMatches) -> Result<Options, Failure> {
    let path = |id: &str| typed.get_one::<PathBuf>(id).cloned();
    let number = |id: &str| typed.get_one::<u32>(id).copied().unwrap_or(1);
    let ring = Keyring::new(path("keys").unwrap_or_default());
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let tls = path("certificate").zip(path("key"));
    let own = tls.as_ref().map(|(certificate, _)| certificate.clone());
    Ok(Options {
        // clap gives a default.
        listen: typed.get_one("listen").copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8443))),
        database: address(context, typed)?,
        tls,
        known_by: path("known-by").or(own).filter(|path| path.as_os_str() != PUBLIC),
        behind_proxy: typed.get_flag("behind-proxy"),
        roots: ring.history().map_err(|fault| told(&fault))?,
        program,
        connections: number("connections") as usize,
        enrolments: number("enrolments"),
    })
}

/// A connection is a file to the system, and it lets a program have few unless it asks for more.
fn more_files() {
    let limit = getrlimit(Resource::Nofile);
    // Without them fewer stations can wait at the same time; the door says so when it happens.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Gives out a code.
pub(super) fn enrol(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let site = named(typed)?;
    let now = clock::wall();
    let days = typed.get_one::<u16>("days").copied().unwrap_or_default();
    let mut random = [0; 13];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::because("没有随机数", "no random numbers", error))?;
    let code = StoredCode {
        code: Code::of(&random),
        site: site.to_string(),
        expires: now + Duration::days(i64::from(days)),
        tries: 0,
    };
    let (runtime, address) = (small_runtime()?, address(context, typed)?);
    let keep = async { Store::open(&address).await?.keep_code(&code, &who(), now).await };
    runtime.block_on(keep).map_err(|fault| failed(&fault.words()))?;
    let server = typed.get_one::<String>("address").map(String::as_str);
    print(&given(context.lang, &code, server))
}

/// Writes the code, the line to type at the village, and the same line as a QR code.
fn given(lang: Lang, code: &StoredCode, server: Option<&str>) -> String {
    let (site, shown) = (&code.site, &code.code);
    let placeholder = lang.pick("https://县里的地址", "https://ADDRESS");
    let line = format!("dalaba enrol {shown} --county {}", server.unwrap_or(placeholder));
    let until = civil(code.expires);
    let text = match lang {
        Lang::Zh => format!(
            "“{site}”的登记码：{shown}\n只能用一次，{until} 前有效。只告诉村里的人，在村里的机器上输入：\n\n  {line}\n"
        ),
        Lang::En => format!(
            "The code for {site}: {shown}\nGood for one use, until {until}. Tell it to nobody but the village, where one types:\n\n  {line}\n"
        ),
    };
    // A line that is too long for a QR code is no loss: it stands above.
    let square = QrCode::new(&line).map(|square| square.render::<unicode::Dense1x2>().build());
    square.map_or(text.clone(), |square| format!("{text}\n{square}\n"))
}

/// Takes a site's token away.
pub(super) fn revoke(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let site = named(typed)?;
    let (runtime, address) = (small_runtime()?, address(context, typed)?);
    let revoke = async { Store::open(&address).await?.revoke(site.as_str(), &who(), clock::wall()).await };
    if !runtime.block_on(revoke).map_err(|fault| failed(&fault.words()))? {
        return Err(Failure::new(
            format!("没有“{site}”这个站点，或者已经停用了"),
            format!("there is no station {site}, or it is revoked already"),
        ));
    }
    print(&match context.lang {
        Lang::Zh => format!("“{site}”已停用；要恢复就重新登记\n"),
        Lang::En => format!("{site} is revoked; to let it in again, enrol it anew\n"),
    })
}

fn named(typed: &ArgMatches) -> Result<StationId, Failure> {
    let name = typed.get_one::<String>("site").map(String::as_str).unwrap_or_default();
    StationId::new(name)
        .map_err(|error| Failure::new(format!("名称不行：{error}"), format!("not a name: {error}")))
}

/// Finds the store's address.
pub(super) fn address(context: &Context, typed: &ArgMatches) -> Result<Address, Failure> {
    match typed.get_one::<String>("database") {
        Some(text) => text.parse().map_err(|fault: crate::county::store::StoreFault| failed(&fault.words())),
        None => Ok(Address::File(context.state.join("county.db"))),
    }
}

/// Makes what waits for the store.
pub(super) fn small_runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(|error| no_start(&error))
}

fn no_start(error: &std::io::Error) -> Failure {
    Failure::new(format!("无法启动：{error}"), format!("cannot start: {error}"))
}

pub(super) fn failed(words: &Words) -> Failure {
    Failure::new(words.zh.clone(), words.en.clone())
}

/// Who types, for the audit.
fn who() -> String {
    env::var("SUDO_USER")
        .or_else(|_| env::var("USER"))
        .unwrap_or_else(|_| format!("uid {}", getuid().as_raw()))
}

fn civil(at: DateTime<Utc>) -> String {
    at.with_timezone(&Asia::Shanghai).format("%Y-%m-%d %H:%M").to_string()
}
