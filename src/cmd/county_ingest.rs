//! `dalaba county ingest`: as-run logs that came on a stick, taken in as those that come over the network are.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::county_server::{address, database, failed, small_runtime};
use super::out::print;
use super::{Context, Failure};
use crate::county::ingest::take;
use crate::county::store::Store;
use crate::model::Lang;
use crate::station::clock;
use crate::wire::{Batch, LARGEST_JSON};

/// Longest line that is read, in bytes. A stick costs no traffic, so that lines with long texts need not be made shorter.
const LONGEST_LINE: u64 = 8 * LARGEST_JSON as u64;

/// Builds the subcommand.
pub(super) fn command(lang: Lang) -> Command {
    Command::new("ingest")
        .about(lang.pick(
            "收下 U 盘带回来的播发记录（…-as-run.jsonl）",
            "Takes in as-run logs that came back on a stick (…-as-run.jsonl)",
        ))
        .after_help(lang.pick(
            "和站点上网交的一样核对：一条接一条，校验链要对得上；收过的再收一次，什么都不变。",
            "They are verified as those that come over the network: record after record, by the hash chain. What is here \
             already changes nothing.",
        ))
        .arg(
            Arg::new("files")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .value_name(lang.pick("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("U 盘上的 站点-as-run.jsonl", "STATION-as-run.jsonl of the stick")),
        )
        .arg(
            Arg::new("site")
                .long("site")
                .required(true)
                .value_name(lang.pick("站点", "STATION"))
                .help(lang.pick("是哪个站点的：登记时的名称", "Whose it is: the name that it was enrolled by")),
        )
        .arg(database(lang))
}

/// What one file brought.
#[derive(Default)]
struct Brought {
    records: usize,
    new: i64,
}

/// Takes in every file, and says of each how much it was.
pub(super) fn run(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let site = typed.get_one::<String>("site").map(String::as_str).unwrap_or_default();
    let (runtime, address) = (small_runtime()?, address(context, typed)?);
    let store = runtime.block_on(Store::open(&address)).map_err(|fault| failed(&fault.words()))?;
    let sites = runtime.block_on(store.sites()).map_err(|fault| failed(&fault.words()))?;
    if !sites.iter().any(|known| known.name == site) {
        return Err(Failure::new(
            format!("没有“{site}”这个站点；先用 dalaba county enrol 登记"),
            format!("there is no station {site}; enrol it first: dalaba county enrol"),
        ));
    }
    for path in typed.get_many::<PathBuf>("files").into_iter().flatten() {
        let brought = runtime.block_on(file(&store, site, path))?;
        print(&told(context.lang, path, site, &brought))?;
    }
    Ok(())
}

/// Takes the batches of a file, one after the other; what was taken before a bad line stays.
async fn file(store: &Store, site: &str, path: &Path) -> Result<Brought, Failure> {
    let shown = path.display();
    let unreadable =
        |error| Failure::because(format!("读不了 {shown}"), format!("cannot read {shown}"), error);
    let mut lines = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut brought = Brought::default();
    for number in 1_u64.. {
        let mut line = Vec::new();
        if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            break;
        }
        let bad = |zh: &str, en: &str| {
            let new = brought.new;
            Failure::new(
                format!("{shown} 第 {number} 行：{zh}；前面的已收下（新的 {new} 条）"),
                format!("{shown}, line {number}: {en}; what is before it was taken in ({new} new)"),
            )
        };
        let batch: Batch =
            serde_json::from_slice(&line).map_err(|_| bad("不是一批播发记录", "not a batch of records"))?;
        let head = store.head(site, &batch.epoch).await.map_err(|fault| failed(&fault.words()))?;
        let taken = take(store, site, &batch, clock::wall()).await.map_err(|fault| {
            let words = fault.words();
            bad(&words.zh, &words.en)
        })?;
        brought.records += batch.facts.len();
        brought.new += taken.through - head.map_or(0, |head| head.through);
    }
    Ok(brought)
}

fn told(lang: Lang, path: &Path, site: &str, Brought { records, new }: &Brought) -> String {
    let path = path.display();
    match lang {
        Lang::Zh => format!("{path}：“{site}”的 {records} 条播发记录，校验链无误，新收 {new} 条\n"),
        Lang::En => format!("{path}: {records} records of {site}, chain verified, {new} of them new\n"),
    }
}
