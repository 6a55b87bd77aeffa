//! `dalaba keys`: the keys of the county office, and the root that says what each may sign.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::out::{plain, print};
use super::table::columns;
use super::{Context, Failure, Subcommand};
use crate::county::keyring::{Keyring, KeyringFault, Plan, SHORTEST_PASSPHRASE, Signing};
use crate::model::{Digest, Lang, Words};
use crate::station::clock;
use crate::trust::{NoSecretKey, Role, Root};

/// The row of the command table.
pub(super) const KEYS: Subcommand = Subcommand { name: "keys", arguments, run };

fn arguments(lang: Lang) -> Command {
    let folder = Arg::new("folder")
        .long("folder")
        .global(true)
        .default_value("keys")
        .value_name(lang.pick("文件夹", "FOLDER"))
        .value_parser(value_parser!(PathBuf))
        .help(lang.pick("密钥所在的文件夹", "The folder of the keys"));
    Command::new("keys")
        .about(lang.pick(
            "县里的密钥：谁可以签发节目",
            "The county's keys: who may sign what the horns say",
        ))
        .after_help(lang.pick(
            "开始：dalaba keys new 王主任（每人在自己的电脑上各做一个），把各人的 .pub 文件收到一处，\
             dalaba keys rotate 写出根文件，够数的人各自 dalaba keys sign。",
            "To begin: dalaba keys new NAME for each person, bring the .pub files together, write the root with \
             dalaba keys rotate, and let enough people sign it with dalaba keys sign.",
        ))
        .subcommand_required(true)
        .arg(folder)
        .subcommands([
            Command::new("new")
                .about(lang.pick("做一个新密钥，用口令锁好", "Makes a new key, locked with a passphrase"))
                .args([name(lang), passphrase_file(lang)]),
            Command::new("list").about(lang.pick("列出密钥和它们的用处", "Lists the keys and what each may sign")),
            Command::new("export")
                .about(lang.pick("打印公钥，交给做根文件的人", "Prints a public key, for whoever writes the root"))
                .arg(name(lang)),
            rotate(lang),
            Command::new("sign")
                .about(lang.pick(
                    "给等着签名的根文件签名；够数了就生效",
                    "Signs the root that waits; with enough signatures it is in force",
                ))
                .args([name(lang), passphrase_file(lang)]),
        ])
}

fn rotate(lang: Lang) -> Command {
    let people = |id: &'static str, zh, en| {
        Arg::new(id)
            .long(id)
            .required(true)
            .value_delimiter(',')
            .value_name(lang.pick("姓名,姓名…", "NAME,NAME…"))
            .help(lang.pick(zh, en))
    };
    let needed = |id: &'static str, zh, en| {
        Arg::new(id)
            .long(id)
            .value_parser(value_parser!(u8).range(1..=16))
            .value_name(lang.pick("人数", "COUNT"))
            .help(lang.pick(zh, en))
    };
    Command::new("rotate")
        .about(lang.pick("写出新的根文件，等人签名", "Writes a new root, to be signed"))
        .arg(
            Arg::new("county")
                .long("county")
                .value_name(lang.pick("县名", "NAME"))
                .help(lang.pick("县名；不写就沿用", "Name of the county; as before, if absent")),
        )
        .arg(people("root", "谁可以改根文件", "Who may change the root"))
        .arg(people("publisher", "谁可以签发节目", "Who may publish"))
        .arg(needed(
            "root-threshold",
            "改根文件要几个人签名；不写：三人以上要两人，否则一人",
            "How many it takes to change the root; 2 of three or more, else 1, if absent",
        ))
        .arg(needed(
            "publisher-threshold",
            "签发节目要几个人签名；不写是一人",
            "How many it takes to publish; 1, if absent",
        ))
        .arg(
            Arg::new("emergency-alone")
                .long("emergency-alone")
                .value_parser(value_parser!(u32))
                .value_name(lang.pick("站点数", "STATIONS"))
                .help(lang.pick(
                    "一个人最多能给几个站点发应急；超过的、按区域的、全部的要两个人签；不写就沿用，最初是 20",
                    "Most stations of an emergency that one person may send; more, a zone or all take two people; \
                     as before if absent, 20 at first",
                )),
        )
}

fn name(lang: Lang) -> Arg {
    Arg::new("name")
        .required(true)
        .value_name(lang.pick("姓名", "NAME"))
        .help(lang.pick("谁的密钥", "Whose key"))
}

pub(super) fn passphrase_file(lang: Lang) -> Arg {
    Arg::new("passphrase-file")
        .long("passphrase-file")
        .value_name(lang.pick("文件", "FILE"))
        .value_parser(value_parser!(PathBuf))
        .help(lang.pick(
            "从文件第一行读口令；不写就在终端上问",
            "Reads the passphrase from a file's first line; asks at the terminal, if absent",
        ))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let lang = context.lang;
    // clap has filled in the default.
    let folder = arguments.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    let ring = Keyring::new(folder);
    match arguments.subcommand() {
        Some(("new", typed)) => new(lang, &ring, typed)?,
        Some(("export", typed)) => export(&ring, typed)?,
        Some(("rotate", typed)) => plan(lang, &ring, typed)?,
        Some(("sign", typed)) => sign(lang, &ring, typed)?,
        _ => print(&list(lang, &ring)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn typed_name(typed: &ArgMatches) -> &str {
    typed.get_one::<String>("name").map(String::as_str).unwrap_or_default()
}

fn new(lang: Lang, ring: &Keyring, typed: &ArgMatches) -> Result<(), Failure> {
    let passphrase = passphrase(lang, typed_name(typed), typed, true)?;
    let holder = ring.make(typed_name(typed), &passphrase).map_err(|fault| told(&fault))?;
    let (name, id) = (plain(&holder.name), holder.key.id());
    print(&match lang {
        Lang::Zh => format!("做好了：{name}，密钥 {id}\n口令丢了就打不开，也没有别人能打开。\n"),
        Lang::En => format!("Made: {name}, key {id}\nNobody can open it without the passphrase.\n"),
    })
}

fn export(ring: &Keyring, typed: &ArgMatches) -> Result<(), Failure> {
    let holder = ring.holder(typed_name(typed)).map_err(|fault| told(&fault))?;
    print(&format!("{}\n", serde_json::to_string_pretty(&holder).unwrap_or_default()))
}

fn list(lang: Lang, ring: &Keyring) -> Result<String, Failure> {
    let root = ring.root().map_err(|fault| told(&fault))?;
    let head = match lang {
        Lang::Zh => ["姓名", "密钥", "私钥在这里", "可以签"],
        Lang::En => ["name", "key", "secret half here", "may sign"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (holder, secret) in ring.list().map_err(|fault| told(&fault))? {
        let here = if secret { lang.pick("在", "yes") } else { lang.pick("不在", "no") };
        let id = holder.key.id();
        let holds = |role: &Role| {
            let quorum = root.as_ref().and_then(|root| root.roles.get(role));
            quorum.is_some_and(|quorum| quorum.keys.contains(&id))
        };
        let roles = [(Role::Root, ("根文件", "root")), (Role::Publisher, ("节目", "bundles"))];
        let roles: Vec<&str> =
            roles.iter().filter(|(role, _)| holds(role)).map(|(_, (zh, en))| lang.pick(zh, en)).collect();
        rows.push(vec![
            plain(&holder.name),
            id.to_string(),
            here.to_owned(),
            roles.join(lang.pick("、", ", ")),
        ]);
    }
    let foot = root.map_or_else(
        || {
            lang.pick(
                "还没有根文件：用 dalaba keys rotate 写\n",
                "No root yet: write one with dalaba keys rotate\n",
            )
            .to_owned()
        },
        |root| described(lang, ring, &root),
    );
    Ok(columns(rows.into_iter()) + &foot)
}

/// Names the root by the digits that people compare when they bring it to a station.
fn described(lang: Lang, ring: &Keyring, root: &Root) -> String {
    let sum = Digest::of(&root.payload());
    let needed = |role| root.roles.get(&role).map_or(0, |quorum| quorum.threshold);
    let (changes, publishes) = (needed(Role::Root), needed(Role::Publisher));
    let (file, county, version) = (ring.root_file(), plain(&root.county), root.version);
    let file = file.display();
    match lang {
        Lang::Zh => format!(
            "根文件 {file}：{county}，第 {version} 版；改它要 {changes} 人签名，签发节目要 {publishes} 人\n指纹 {sum}\n"
        ),
        Lang::En => format!(
            "Root {file}: {county}, version {version}; {changes} must sign to change it, {publishes} to publish\n\
             Fingerprint {sum}\n"
        ),
    }
}

fn plan(lang: Lang, ring: &Keyring, typed: &ArgMatches) -> Result<(), Failure> {
    let people = |id: &str| -> Vec<String> { typed.get_many(id).into_iter().flatten().cloned().collect() };
    let needed =
        |id: &str, default: usize| typed.get_one::<u8>(id).map_or(default, |count| usize::from(*count));
    let held = ring.root().map_err(|fault| told(&fault))?;
    let alone = typed.get_one::<u32>("emergency-alone").copied();
    let emergency_alone = alone.or(held.as_ref().and_then(|root| root.emergency_alone));
    let county = typed.get_one::<String>("county").cloned().or(held.map(|root| root.county));
    let county = county.ok_or_else(|| {
        Failure::new("第一次要写县名：--county 某县", "the first root needs a name: --county NAME")
    })?;
    let root = people("root");
    let default = if root.len() >= 3 { 2 } else { 1 };
    let plan = Plan {
        county,
        root: (root, needed("root-threshold", default)),
        publisher: (people("publisher"), needed("publisher-threshold", 1)),
        emergency_alone,
        issued: clock::wall(),
    };
    let root = ring.plan(&plan).map_err(|fault| told(&fault))?;
    let needed = root.roles.get(&Role::Root).map_or(0, |quorum| quorum.threshold);
    print(&match lang {
        Lang::Zh => format!("第 {} 版写好了，等 {needed} 人签名：dalaba keys sign 姓名\n", root.version),
        Lang::En => {
            format!("Version {} waits for {needed} to sign it: dalaba keys sign NAME\n", root.version)
        }
    })
}

fn sign(lang: Lang, ring: &Keyring, typed: &ArgMatches) -> Result<(), Failure> {
    let passphrase = passphrase(lang, typed_name(typed), typed, false)?;
    let secret = ring.unlock(typed_name(typed), &passphrase).map_err(|fault| told(&fault))?;
    print(&match ring.sign_root(&secret).map_err(|fault| told(&fault))? {
        Signing::UnderWay => {
            lang.pick("签好了，还要别人签。\n", "Signed; others must sign, too.\n").to_owned()
        }
        Signing::InForce(root) => {
            lang.pick("签名够了，已经生效。\n", "Enough have signed: it is in force.\n").to_owned()
                + &described(lang, ring, &root)
        }
    })
}

/// Takes the passphrase of `name` from a file, or asks for it; a new one twice.
pub(super) fn passphrase(lang: Lang, name: &str, typed: &ArgMatches, new: bool) -> Result<String, Failure> {
    if let Some(file) = typed.get_one::<PathBuf>("passphrase-file") {
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::because("读不了口令文件", "cannot read the passphrase", error))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    let ask = |zh: String, en: String| {
        rpassword::prompt_password(lang.pick(&zh, &en)).map_err(|error| {
            Failure::because("读不到口令", "cannot read the passphrase from the terminal", error)
        })
    };
    let first = ask(format!("{name} 的口令："), format!("Passphrase of {name}: "))?;
    if new && ask("再写一遍：".to_owned(), "Again: ".to_owned())? != first {
        return Err(Failure::new("两遍不一样", "the two are not the same"));
    }
    Ok(first)
}

pub(super) fn told(fault: &KeyringFault) -> Failure {
    let zh = match fault {
        KeyringFault::Name(name, _) => format!("“{}” 不能作密钥的名称", plain(name)),
        KeyringFault::Exists(name) => format!("已经有叫 {} 的密钥了，不会覆盖它", plain(name)),
        KeyringFault::Missing(name) => format!("这里没有叫 {} 的密钥", plain(name)),
        KeyringFault::Locked(name, NoSecretKey::Locked) => {
            format!("打不开 {} 的密钥：口令不对，或者文件坏了", plain(name))
        }
        KeyringFault::Locked(name, NoSecretKey::NoKey) => format!("{} 的密钥文件里没有密钥", plain(name)),
        KeyringFault::Weak => format!("口令太短，至少 {SHORTEST_PASSPHRASE} 个字"),
        KeyringFault::Damaged(path) => format!("{} 坏了", path.display()),
        KeyringFault::Root(fault) => format!("根文件不成立：{}", fault.words().zh),
        KeyringFault::NothingToSign => "没有等着签名的根文件；先 dalaba keys rotate".to_owned(),
        KeyringFault::Disk(path, error) => format!("{}：{error}", path.display()),
    };
    let words = Words::new(zh, fault.to_string());
    Failure::new(words.zh, words.en)
}
