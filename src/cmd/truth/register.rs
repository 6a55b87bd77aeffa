//! `dalaba county register`: the books of the county, ready to print.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::super::log::when;
use super::super::out::print;
use super::super::{Context, Failure};
use super::records::{gathered, narrowed};
use super::{Desk, ZONE, whose, window};
use crate::county::truth::{Approval, Head, Published, approvals, register};
use crate::model::Lang;
use crate::station::disk::replace;

pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("register")
        .about(lang.pick("打印《应急广播播出信息登记本》或《领导审批本》", "Writes the register of broadcasts, or of approvals, for print"))
        .after_help(lang.pick(
            "写成一个 HTML 文件，用浏览器打开、打印（A4 横向）。审批本是这段时间签发的节目和预警，每号一张。",
            "Writes one HTML file, to be opened in a browser and printed (A4, landscape). The approvals are of what was \
             published and of the alerts that were issued in that time, a sheet each.",
        ))
        .args(whose(lang))
        .args(when(lang))
        .args(narrowed(lang))
        .arg(Arg::new("approvals").long("approvals").action(ArgAction::SetTrue).help(lang.pick(
            "写《应急广播播出信息领导审批本》",
            "Writes the book of approvals",
        )))
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name(lang.pick("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("写到哪个文件；不写就打印出来", "Where it is written; to the terminal, if absent")),
        )
}

pub(super) fn run(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let desk = Desk::open(context, typed)?;
    let window = window(typed, desk.now)?;
    let head = Head { county: desk.county.clone(), window, now: desk.now, zone: ZONE };
    let html = if typed.get_flag("approvals") {
        let campaign = typed.get_one::<String>("campaign");
        let named =
            |one: &&Published| campaign.is_none_or(|campaign| campaign == one.bundle.campaign.as_str());
        let bundles = desk.published.iter().filter(named).map(Approval::Bundle);
        let alerts = desk.issued.iter().filter(|_| campaign.is_none()).map(Approval::Alert);
        let mut signed: Vec<_> = bundles.chain(alerts).collect();
        signed.retain(|one| window.0 <= one.at() && one.at() < window.1);
        signed.sort_by_key(Approval::at);
        approvals(&signed, &head)
    } else {
        register(&gathered(&desk, typed)?, &head)
    };
    let Some(path) = typed.get_one::<PathBuf>("output") else { return print(&html) };
    replace(path, html.as_bytes()).map_err(|error| {
        let path = path.display();
        Failure::because(format!("写不了 {path}"), format!("cannot write {path}"), error)
    })?;
    let path = path.display();
    print(&match context.lang {
        Lang::Zh => format!("写好了：{path}\n"),
        Lang::En => format!("Written: {path}\n"),
    })
}
