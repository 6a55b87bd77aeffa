//! `dalaba export`: signed bundles as files, from the office or from a village that holds them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::out::print;
use super::{Context, Failure, Subcommand};
use crate::county::press::{ENDING, Press};
use crate::model::{CampaignId, Lang, Serial};
use crate::station::bundles::{Store, TakeFault};
use crate::station::disk::replace_with;

/// The row of the command table.
pub(super) const EXPORT: Subcommand = Subcommand { name: "export", arguments, run };

fn arguments(lang: Lang) -> Command {
    let path = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name)
            .long(name)
            .value_parser(value_parser!(PathBuf))
            .value_name(lang.pick("路径", "PATH"))
            .help(lang.pick(zh, en))
    };
    Command::new("export")
        .about(lang.pick("把签发过或收到的节目包拷成文件，如拷到 U 盘", "Copies bundles to files, such as onto a stick"))
        .after_help(lang.pick(
            "在县里，拷最近一次签发的；在站点，拷这里收到的，U 盘就能从一个村带到下一个村。根文件一起拷。",
            "At the office these are the newest that were published; at a station those that it holds, so that a stick goes from \
             village to village. The root goes with them.",
        ))
        .arg(
            Arg::new("campaign")
                .num_args(0..)
                .value_name(lang.pick("专项", "CAMPAIGN"))
                .help(lang.pick("哪些专项；不写就是全部", "Which campaigns; all, if absent")),
        )
        .arg(path("to", "拷到哪个文件夹；只拷一个专项时，也可以是一个 .dalaba 文件", "The folder; with one campaign, also a .dalaba file").required(true))
        .arg(path("published", "县里：签发过的都记在这个文件夹里", "At the office: where everything published is remembered"))
        .arg(path("keys", "县里：根文件所在的文件夹", "At the office: the folder of the root").default_value("keys"))
}

/// Where bundles come from.
enum Shelf {
    Office(Press),
    Station(Store),
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let path = |name: &str| arguments.get_one::<PathBuf>(name).cloned();
    let (to, shelf) = (path("to").unwrap_or_default(), shelf(context, path("published")));
    let named = arguments.get_many::<String>("campaign").into_iter().flatten();
    let named: Vec<&String> = named.collect();
    let all = shelf.list();
    let wanted =
        |(id, _): &&(CampaignId, Serial)| named.is_empty() || named.iter().any(|name| *name == id.as_str());
    let chosen: Vec<&(CampaignId, Serial)> = all.iter().filter(wanted).collect();
    if let Some(missing) = named.iter().find(|name| !all.iter().any(|(id, _)| id.as_str() == **name)) {
        return Err(Failure::new(
            format!("这里没有专项“{missing}”的节目包"),
            format!("there is no bundle of {missing} here"),
        ));
    }
    if chosen.is_empty() {
        return Err(Failure::new("这里还没有节目包", "there are no bundles here yet"));
    }
    let as_file = to.extension().is_some_and(|ending| ending == ENDING) && !to.is_dir();
    match chosen[..] {
        [one] if as_file => copy(context.lang, &shelf, one, &to)?,
        _ if as_file => {
            return Err(Failure::new(
                "不止一个专项：--to 写一个文件夹",
                "more than one campaign: name a folder with --to",
            ));
        }
        _ => {
            fs::create_dir_all(&to).map_err(|error| unwritten(&to, error))?;
            for one in &chosen {
                copy(context.lang, &shelf, one, &to.join(format!("{}-{}.{ENDING}", one.0, one.1)))?;
            }
            roots(&shelf, &path("keys").unwrap_or_default(), &to)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A folder of published bundles that was named is the office's; else a station that holds some is meant.
fn shelf(context: &Context, published: Option<PathBuf>) -> Shelf {
    let store = Store::open(&context.state, PathBuf::new());
    match published {
        Some(folder) => Shelf::Office(Press::new(folder)),
        None if store.held_campaigns().is_empty() => Shelf::Office(Press::new("published".into())),
        None => Shelf::Station(store),
    }
}

impl Shelf {
    fn list(&self) -> Vec<(CampaignId, Serial)> {
        match self {
            Self::Station(store) => store.held_campaigns(),
            Self::Office(press) => {
                let newest = |id: CampaignId| press.newest(&id).map(|(serial, _)| (id, serial));
                press.campaigns().into_iter().filter_map(newest).collect()
            }
        }
    }
}

fn copy(lang: Lang, shelf: &Shelf, (id, serial): &(CampaignId, Serial), to: &Path) -> Result<(), Failure> {
    let mut damage = None;
    let write = |file: &mut File| match shelf {
        Shelf::Station(store) => store.export(id, *serial, file).map_err(|fault| {
            let text = fault.to_string();
            damage = Some(fault);
            io::Error::other(text)
        }),
        Shelf::Office(press) => {
            let (_, whole) = press.newest(id).ok_or(io::ErrorKind::NotFound)?;
            io::copy(&mut File::open(whole)?, file).map(drop)
        }
    };
    let written = replace_with(to, write);
    if let Some(fault) = damage {
        return Err(damaged(id, &fault));
    }
    written.map_err(|error| unwritten(to, error))?;
    print(&match lang {
        Lang::Zh => format!("“{id}”第 {serial} 号：{}\n", to.display()),
        Lang::En => format!("{id} number {serial}: {}\n", to.display()),
    })
}

/// A village that was away follows one root after the other, so all go along.
fn roots(shelf: &Shelf, keys: &Path, to: &Path) -> Result<(), Failure> {
    let write = |name: &str, bytes: &[u8]| {
        let path = to.join(name);
        replace_with(&path, |file| io::Write::write_all(file, bytes)).map_err(|error| unwritten(&path, error))
    };
    match shelf {
        Shelf::Station(store) => match store.root_file() {
            Ok(Some(bytes)) => write("root.json", &bytes),
            Ok(None) => Ok(()),
            Err(error) => Err(unwritten(to, error)),
        },
        Shelf::Office(_) => {
            let is_root = |name: &String| {
                let middle = name.strip_prefix("root.").and_then(|rest| rest.strip_suffix("json"));
                middle.is_some_and(|middle| middle != "next.")
            };
            let listed = fs::read_dir(keys).into_iter().flatten();
            let names = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            for name in names.filter(is_root) {
                let bytes =
                    fs::read(keys.join(&name)).map_err(|error| unwritten(&keys.join(&name), error))?;
                write(&name, &bytes)?;
            }
            Ok(())
        }
    }
}

fn damaged(id: &CampaignId, fault: &TakeFault) -> Failure {
    let words = fault.words();
    Failure::new(
        format!("“{id}”在这里已经损坏，没有拷：{}", words.zh),
        format!("{id} is damaged here and was not copied: {}", words.en),
    )
}

fn unwritten(path: &Path, error: io::Error) -> Failure {
    let path = path.display();
    Failure::because(format!("写不了 {path}"), format!("cannot write {path}"), error)
}
