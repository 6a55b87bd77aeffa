//! 《应急广播播出信息领导审批本》: a sheet for each thing that was signed, for the leader who approves it.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::known::{Issued, Published};
use super::paper::{Head, paper, signatures};
use crate::model::{Alert, AlertKind, Message, Playlist, Status, Target, When};

const TITLE: &str = "应急广播播出信息领导审批本";

/// What one sheet is of.
#[derive(Debug, Clone, Copy)]
pub enum Approval<'a> {
    /// A bundle.
    Bundle(&'a Published),
    /// An alert.
    Alert(&'a Issued),
}

impl Approval<'_> {
    /// Returns when it was signed.
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::Bundle(published) => published.bundle.issued,
            Self::Alert(issued) => issued.alert.sent.to_utc(),
        }
    }
}

/// Writes a sheet for each bundle and each alert, in the order given.
pub fn approvals(signed: &[Approval<'_>], head: &Head) -> String {
    let body = html! {
        @if signed.is_empty() { h1 { (TITLE) } p { "这段时间没有签发节目，也没有发出预警。" } }
        @for one in signed {
            section.sheet {
                @match one {
                    Approval::Bundle(published) => (sheet(published, head)),
                    Approval::Alert(issued) => (warning(issued, head)),
                }
            }
        }
    };
    paper(TITLE, &body)
}

fn warning(issued: &Issued, head: &Head) -> Markup {
    let alert = &issued.alert;
    html! {
        h1 { (TITLE) }
        div.sub {
            span { "单位：" (head.county) }
            span { "预警：" (alert.event) }
            span { "所有时刻均为" (head.zone_name()) }
        }
        table {
            colgroup { col style="width:14%"; col style="width:36%"; col style="width:14%"; col style="width:36%"; }
            tr { th { "发出时间" } td { (head.instant(alert.sent.to_utc())) } th { "失效时间" } td { (head.instant(alert.expires)) } }
            tr { th { "播出范围" } td { (scope(&alert.target)) } th { "优先级" } td { (alert.priority.words().zh) } }
            tr { th { "签发人（电子签名）" } td { (issued.signers.join("、")) } th { "校验值" } td.small { (issued.payload) } }
            tr { th { "发布者、编号" } td { (alert.sender) "　" (alert.identifier) } th { "性质" } td { (nature(alert)) } }
            tr {
                th { "播出间隔" }
                td { @match alert.repeat_every { Some(seconds) => { "每 " (seconds) " 秒一遍，直到失效或解除" } None => "播一遍" } }
                th { "所涉预警" }
                td.small { (alert.references.iter().map(ToString::to_string).collect::<Vec<_>>().join("；")) }
            }
        }
        table {
            colgroup { col style="width:14%"; col style="width:86%"; }
            tr { th { "播出内容" } td { (alert.text) } }
            tr { th { "审批意见" } td.opinion { } }
        }
        (signatures(&["申请人", "部门负责人", "审批领导", "日期"]))
    }
}

/// Says what an alert does, and that it is not meant where it is not.
fn nature(alert: &Alert) -> Markup {
    let kind = match alert.msg_type {
        AlertKind::Alert => "发布",
        AlertKind::Update => "更新",
        AlertKind::Cancel => "解除",
    };
    html! {
        (kind)
        @if alert.status != Status::Actual { "；" span.mark { (alert.status.words().zh) } }
    }
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
