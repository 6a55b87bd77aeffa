//! `dalaba county alert FILE…`: warnings of other offices, shown as they would be aired, and signed if somebody signs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use super::intake::{Intake, listed};
use super::{Draft, Office, fault};
use crate::cap::LARGEST;
use crate::cmd::out::print;
use crate::cmd::{Context, Failure};
use crate::county::alarms::Alarms;
use crate::model::{Alert, Lang};

/// The files.
pub(super) fn files(lang: Lang) -> Arg {
    Arg::new("files")
        .action(ArgAction::Append)
        .num_args(1..)
        .value_name(lang.pick("文件", "FILE"))
        .value_parser(value_parser!(PathBuf))
        .help(lang.pick(
            "上级和气象等部门的 CAP、Atom 或 EDXL 文件：先看会播什么，--by 签发",
            "CAP, Atom or EDXL files of other offices: shows what would be aired, --by signs it",
        ))
}

/// How warnings are judged.
pub(super) fn judging(lang: Lang) -> [Arg; 2] {
    [
        Arg::new("to")
            .long("to")
            .value_delimiter(',')
            .value_name(lang.pick("站点,zone:区域…", "STATION,zone:ZONE…"))
            .help(lang.pick("播给谁；不写就看预警里的区域", "Whom it is for; its own areas, if absent")),
        Arg::new("restricted").long("restricted").action(ArgAction::SetTrue).help(lang.pick(
            "不公开的（scope 不是 Public）也播",
            "Airs also what is not for everybody (its scope is not Public)",
        )),
    ]
}

/// Shows, and signs, what is in the files.
pub(super) fn run(
    context: &Context,
    alarms: &Alarms,
    office: Option<&Office<'_>>,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let lang = context.lang;
    let intake = Intake::new(context, typed)?;
    let (mut drafts, mut refused) = (Vec::new(), 0);
    for path in typed.get_many::<PathBuf>("files").into_iter().flatten() {
        let mut issued: Vec<Alert> =
            alarms.list().map_err(|error| fault(&error))?.into_iter().map(|issued| issued.alert).collect();
        issued.extend(drafts.iter().cloned());
        let from = path.display().to_string();
        let judged = intake.judge(&from, &read(path)?, &issued, &|_| false);
        print(&(judged.told + &listed(lang, &from, &judged.links)))?;
        for why in &judged.refused {
            print(&format!("{}\n", why.words.in_lang(lang)))?;
        }
        refused += judged.refused.len();
        for (_, draft) in judged.drafts {
            if let Some(office) = office {
                office.issue(&Draft { alert: draft.alert, correction: None }, typed)?;
            } else {
                drafts.push(draft.alert);
            }
        }
    }
    if office.is_none() {
        leave(lang, &drafts, typed)?;
    }
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{refused} 条没有收"), format!("{refused} refused")))
}

/// Writes what nobody has signed where `-o` says, for somebody to sign.
fn leave(lang: Lang, drafts: &[Alert], typed: &ArgMatches) -> Result<(), Failure> {
    let only_a_look =
        lang.pick("只是看看，什么都没发；要发就写 --by\n", "Only a look: nothing was sent; --by signs\n");
    let Some(to) = typed.get_one::<PathBuf>("output") else { return print(only_a_look) };
    if drafts.len() > 1 && !to.is_dir() {
        return Err(Failure::new(
            "有几条预警：-o 要写一个文件夹",
            "there are several alerts: give a folder to -o",
        ));
    }
    for alert in drafts {
        let file = if to.is_dir() { Alarms::new(to.clone()).path(&alert.identifier) } else { to.clone() };
        Alarms::write_unsigned(alert, &file).map_err(|error| fault(&error))?;
        let file = file.display();
        print(&match lang {
            Lang::Zh => format!("没有签名，没有发出：dalaba county alert sign {file} --by 姓名\n"),
            Lang::En => format!("Not signed, not sent: dalaba county alert sign {file} --by NAME\n"),
        })?;
    }
    Ok(())
}

/// Reads no more than a warning may have, and one byte to tell that there was more.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = LARGEST as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(|error| {
        let path = path.display();
        Failure::because(format!("读不了 {path}"), format!("cannot read {path}"), error)
    })?;
    Ok(bytes)
}
