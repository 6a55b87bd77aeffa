//! 《应急广播播出信息领导审批本》: a sheet for each thing that was signed, for the leader who approves it.

use maud::{Markup, html};

use super::known::Published;
use super::paper::{Head, paper, signatures};
use crate::model::{Message, Playlist, Status, Target, When};

const TITLE: &str = "应急广播播出信息领导审批本";

/// What one sheet is of.
pub type Approval<'a> = &'a Published;

/// Writes a sheet for each bundle, in the order given.
pub fn approvals(bundles: &[Approval<'_>], head: &Head) -> String {
    let body = html! {
        @if bundles.is_empty() { h1 { (TITLE) } p { "这段时间没有签发节目。" } }
        @for bundle in bundles { section.sheet { (sheet(bundle, head)) } }
    };
    paper(TITLE, &body)
}

fn sheet(published: &Published, head: &Head) -> Markup {
    let bundle = &published.bundle;
    let messages: Vec<(&str, &Message)> = published
        .playlists
        .iter()
        .flat_map(|list| list.messages.iter().map(|message| (list.title.as_str(), message.as_ref())))
        .collect();
    html! {
        h1 { (TITLE) }
        div.sub {
            span { "单位：" (head.county) }
            span { "专项：" (bundle.campaign) "　第 " (bundle.serial) " 号" }
            span { "所有时刻均为" (head.zone_name()) }
        }
        table {
            colgroup { col style="width:14%"; col style="width:36%"; col style="width:14%"; col style="width:36%"; }
            tr { th { "签发时间" } td { (head.instant(bundle.issued)) } th { "起用时间" } td { (head.instant(bundle.not_before)) } }
            tr { th { "播出范围" } td { (scope(&bundle.target)) } th { "送达期限" } td { (head.instant(bundle.expires)) } }
            tr { th { "签发人（电子签名）" } td { (published.signers.join("、")) } th { "校验值" } td.small { (published.payload) } }
        }
        @if bundle.withdraws() {
            p.mark { "本号撤下该专项，自起用时起不再播出。" }
        } @else {
            (contents(&messages))
            (times(&published.playlists))
        }
        table {
            colgroup { col style="width:14%"; col style="width:86%"; }
            tr { th { "审批意见" } td.opinion { } }
        }
        (signatures(&["申请人", "部门负责人", "审批领导", "日期"]))
    }
}

fn contents(messages: &[(&str, &Message)]) -> Markup {
    html! {
        table {
            colgroup { col style="width:6%"; col style="width:16%"; col style="width:16%"; col style="width:54%"; col style="width:8%"; }
            thead { tr { th { "序号" } th { "节目单" } th { "播报条" } th { "内容" } th { "遍数" } } }
            tbody {
                @for (place, (title, message)) in messages.iter().enumerate() {
                    tr {
                        td.n { (place + 1) }
                        td { (title) }
                        td { (message.id) }
                        td {
                            (message.text.as_deref().unwrap_or("（只有录音）"))
                            @if let Some(audio) = &message.audio { div.small { "录音：" (audio.display()) } }
                        }
                        td.n { (message.repeat.times) }
                    }
                }
            }
        }
    }
}

fn times(playlists: &[Playlist]) -> Markup {
    html! {
        table {
            colgroup { col style="width:14%"; col style="width:86%"; }
            @for list in playlists {
                tr {
                    th { "播出时间" br; (list.title) }
                    td {
                        @match (list.valid_from, list.valid_until) {
                            (None, None) => "有效期不限",
                            (from, until) => {
                                "有效期 " (from.map(|day| day.to_string()).unwrap_or_default())
                                " 至 " (until.map(|day| day.to_string()).unwrap_or_default())
                            }
                        }
                        "；优先级：" (list.priority.words().zh)
                        @if list.status != Status::Actual { "；" span.mark { "演练或测试" } }
                        @for schedule in &list.schedules { "；" (when(&schedule.when)) }
                    }
                }
            }
        }
    }
}

/// Says at which times of the day; days are left to the playlist itself.
fn when(when: &When) -> String {
    match when {
        When::At(times) => {
            times.iter().map(|time| time.format("%H:%M").to_string()).collect::<Vec<_>>().join("、")
        }
        When::Cron(cron) => format!("cron {cron}"),
    }
}

fn scope(target: &[Target]) -> String {
    let named = |target: &Target| match target {
        Target::All => "全部终端".to_owned(),
        Target::Zone(zone) => format!("区域 {zone}"),
        Target::Station(station) => station.to_string(),
    };
    target.iter().map(named).collect::<Vec<_>>().join("、")
}
