//! What was published, and why something was not, in words.

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Asia;

use crate::cmd::Failure;
use crate::county::booth::BoothFault;
use crate::county::press::PressFault;
use crate::model::{Bundle, BundlePart, Lang};
use crate::station::bundles::TakeFault;

/// Describes a bundle, written to `to` or only looked at.
pub(super) fn described(lang: Lang, bundle: &Bundle, to: Option<&Path>) -> String {
    let target: Vec<String> = bundle.target.iter().map(ToString::to_string).collect();
    let (campaign, serial, target) = (&bundle.campaign, bundle.serial, target.join(" "));
    let civil = |at: DateTime<Utc>| at.with_timezone(&Asia::Shanghai).format("%Y-%m-%d %H:%M").to_string();
    let (from, until) = (civil(bundle.not_before), civil(bundle.expires));
    let (clips, files): (Vec<_>, Vec<_>) =
        bundle.files.iter().partition(|file| file.path.part() == BundlePart::Clip);
    let mut files: Vec<String> =
        files.iter().map(|file| format!("  {}  {} B\n", file.path, file.bytes)).collect();
    if let Some((voice, _)) = clips.first().and_then(|clip| clip.path.clip()) {
        let (count, bytes) = (clips.len(), clips.iter().map(|clip| clip.bytes).sum::<u64>());
        files.push(match lang {
            Lang::Zh => format!("  县里念好的 {count} 条（{voice}）  {bytes} B\n"),
            Lang::En => format!("  {count} texts spoken here ({voice})  {bytes} B\n"),
        });
    }
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
    head + &files.concat() + &foot
}

/// Says why nothing was published.
pub(super) fn unpublished(fault: &PressFault) -> Failure {
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

/// Says why a file of the campaign cannot be aired.
pub(super) fn unfit(fault: &TakeFault) -> Failure {
    let words = fault.words();
    Failure::new(format!("没有签发：{}", words.zh), format!("not published: {}", words.en))
}

/// Says why a text could not be spoken here.
pub(super) fn unspoken(text: &str, fault: &BoothFault) -> Failure {
    let words = fault.words();
    Failure::new(
        format!("没有签发，“{text}”念不出来：{}", words.zh),
        format!("not published, {text:?} cannot be spoken: {}", words.en),
    )
}
