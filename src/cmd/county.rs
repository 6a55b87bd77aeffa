//! `dalaba county`: what the office does.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::keys::{passphrase, told};
use super::{Context, Failure, Subcommand, alert, county_ingest, county_server, publish, truth};
use crate::county::keyring::Keyring;
use crate::county::press::Press;
use crate::model::Lang;
use crate::trust::{Role, Root, SecretKey};

/// The row of the command table.
pub(super) const COUNTY: Subcommand = Subcommand { name: "county", arguments, run };

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
            "县里的事：签发节目、撤下节目、发警报、服务器、播了没有",
            "What the county office does: publish, withdraw, alert, serve, and was it played",
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
        .subcommand(publish::arguments::publish(lang))
        .subcommand(
            Command::new("withdraw")
                .about(lang.pick("撤下一个专项", "Withdraws a campaign"))
                .arg(
                    Arg::new("campaign")
                        .required(true)
                        .value_name(lang.pick("专项", "CAMPAIGN"))
                        .help(lang.pick("哪个专项", "Which campaign")),
                )
                .args(publish::arguments::signing(lang))
                .args(publish::arguments::server(lang, false)),
        )
        .subcommand(publish::arguments::send(lang))
        .subcommands(county_server::commands(lang))
        .subcommands(truth::commands(lang))
        .subcommand(county_ingest::command(lang))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let path = |id| arguments.get_one::<PathBuf>(id).cloned().unwrap_or_default();
    let office = Office { ring: Keyring::new(path("keys")), press: Press::new(path("published")) };
    if let Some(ran) = arguments.subcommand().and_then(|(name, typed)| truth::run(context, name, typed)) {
        return ran;
    }
    match arguments.subcommand() {
        Some(("alert", typed)) => alert::run(context, office.ring, path("alerts"), typed)?,
        Some(("publish", typed)) => publish::publish(context, &office, typed)?,
        Some(("serve", typed)) => county_server::serve(context, typed)?,
        Some(("enrol", typed)) => county_server::enrol(context, typed)?,
        Some(("revoke", typed)) => county_server::revoke(context, typed)?,
        Some(("ingest", typed)) => county_ingest::run(context, typed)?,
        Some(("send", typed)) => publish::send::files(context.lang, typed)?,
        Some((_, typed)) => publish::withdraw(context.lang, &office, typed)?,
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The office's folders.
pub(super) struct Office {
    pub(super) ring: Keyring,
    pub(super) press: Press,
}

/// Opens the keys of those who sign. A passphrase file serves them all.
pub(super) fn secrets(
    lang: Lang,
    office: &Office,
    root: &Root,
    typed: &ArgMatches,
) -> Result<Vec<SecretKey>, Failure> {
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
