//! 《应急广播播出信息登记本》: the book into which every broadcast is written, ready to print.

use maud::{Markup, html};

use super::national;
use super::paper::{Head, paper, signatures};
use super::told::Told;
use super::wording::Wording;
use crate::model::{Origin, Status};

const TITLE: &str = "应急广播播出信息登记本";

/// Writes the book: what stations told, each with what the county had published of it.
pub fn register(told: &[(Told, Option<Wording>)], head: &Head) -> String {
    let columns = [
        ("序号", "4%"),
        ("日期", "8%"),
        ("应播", "6.5%"),
        ("开始", "6.5%"),
        ("结束", "6.5%"),
        ("终端", "9%"),
        ("类别", "5.5%"),
        ("节目与内容", "27%"),
        ("来源", "9%"),
        ("遍数", "4.5%"),
        ("结果", "13.5%"),
    ];
    let body = html! {
        h1 { (TITLE) }
        div.sub {
            span { "单位：" (head.county) }
            span { "播出日期：" (head.date(head.window.0)) " 至 " (head.date(head.window.1 - chrono::TimeDelta::seconds(1))) }
            span { "所有时刻均为" (head.zone_name()) }
            span { "制表：" (head.instant(head.now)) }
        }
        table {
            colgroup { @for (_, width) in columns { col style={ "width:" (width) }; } }
            thead { tr { @for (name, _) in columns { th { (name) } } } }
            tbody { @for (place, (told, wording)) in told.iter().enumerate() { (row(place + 1, told, wording.as_ref(), head)) } }
        }
        ol.notes {
            li { "共 " (told.len()) " 条。结果与时刻取自各终端自己的播发记录，县里没有改动。" }
            li { "“演练”“测试”不是实播。“~”表示开播时刻已知、播到何时不明（断电等）。“迟报”表示记录到县里晚了。" }
        }
        (signatures(&["值班员", "审核", "日期"]))
    };
    paper(TITLE, &body)
}

fn row(place: usize, told: &Told, wording: Option<&Wording>, head: &Head) -> Markup {
    let entry = &told.entry;
    let close = entry.close.as_ref();
    let time = |at: Option<_>| at.map(|at| head.clock(at)).unwrap_or_default();
    let begun = close.and_then(|close| close.started).map(|at| head.clock(at));
    let unknown = close.is_none_or(|close| close.heard.is_none());
    let from = begun.or_else(|| entry.on_air.filter(|_| unknown).map(|at| format!("~{}", head.clock(at))));
    let readings = close.and_then(|close| close.readings).map_or("?".to_owned(), |times| times.to_string());
    html! {
        tr {
            td.n { (place) }
            td.t { (head.date(entry.due.to_utc())) }
            td.t { (head.clock(entry.due.to_utc())) }
            td.t { (from.unwrap_or_default()) }
            td.t { (time(close.and_then(|close| close.ended))) }
            td { (entry.station) }
            td.t { (class(told)) }
            td { (content(told, wording)) }
            td.small { (source(told, wording)) }
            td.n { (readings) "/" (entry.times) }
            td { (result(told)) }
        }
    }
}

fn class(told: &Told) -> Markup {
    match (told.entry.status, national::class(told.entry.priority, told.entry.status)) {
        (Status::Drill, _) => html! { span.mark { "演练" } },
        (Status::Test, _) => html! { span.mark { "测试" } },
        (_, "emergency") => html! { span.mark { "应急" } },
        _ => html! { "日常" },
    }
}

fn content(told: &Told, wording: Option<&Wording>) -> Markup {
    let entry = &told.entry;
    let differs = wording.filter(|wording| !wording.same);
    html! {
        b { (entry.message) }
        @if let Some(text) = &entry.text { "　" (text) }
        @if let Some(audio) = &entry.audio { div.small { "录音：" (audio) } }
        @if let Some(wording) = differs {
            div.mark { "与签发的不同，签发的是：" (wording.text.as_deref().unwrap_or("（只有录音）")) }
        }
    }
}

fn source(told: &Told, wording: Option<&Wording>) -> Markup {
    html! {
        @match (&told.entry.origin, wording) {
            _ if told.is_alert() => "县里的应急信息",
            (Origin::Schedule, Some(wording)) => { "县 " (wording.campaign) " 第 " (wording.serial) " 号" },
            (Origin::Schedule, None) => { "村 " (told.entry.playlist) },
            (origin, _) => { "人工" @if let Origin::Said(who) = origin { "：" (who) } },
        }
    }
}

fn result(told: &Told) -> Markup {
    let state = national::of(Some(&told.entry));
    let close = told.entry.close.as_ref();
    html! {
        @match close {
            Some(close) => {
                (close.outcome.words().zh)
                @if let Some(reason) = close.reason { "（" (reason.words().zh) "）" }
            }
            None => { (state.words().zh) "，尚无结果" }
        }
        " [" (state.code()) "]"
        @if told.late { span.mark { " 迟报" } }
        @if !told.whole { span.mark { " 校验不符" } }
    }
}
