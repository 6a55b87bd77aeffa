//! A status report as people read it: aligned, also where Chinese stands beside Latin letters.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset};
use unicode_width::UnicodeWidthStr;

use super::out::plain;
use super::table::date_and_time;
use crate::model::Lang;
use crate::station::control::{
    AlertReport, AmplifierReport, CampaignReport, ClockReport, CountyReport, JournalReport, MonitorReport,
    NextReport, OnAirReport, OutputReport, StationReport, StatusReport, UsedReport,
};

/// Columns that a label takes on the terminal; the longest is `playlists`, and two blanks.
const LABEL: usize = 11;

/// Writes the report, faults last, where the eye rests.
pub(super) fn write(lang: Lang, report: &StatusReport) -> String {
    let mut page = Page { lang, text: String::new() };
    page.head(report);
    for station in &report.stations {
        page.station(station, &report.clock.wall);
    }
    page.faults(report);
    page.text
}

struct Page {
    lang: Lang,
    text: String,
}

impl Page {
    fn line(&mut self, zh: &str, en: &str, value: &str) {
        let label = self.lang.pick(zh, en);
        let blanks = LABEL.saturating_sub(label.width());
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "  {label}{:blanks$}{}", "", plain(value));
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}", plain(text));
    }

    fn head(&mut self, report: &StatusReport) {
        let StatusReport { version, run, since, .. } = report;
        let since = date_and_time(since);
        self.heading(&match self.lang {
            Lang::Zh => format!("大喇叭 {version}，第 {run} 次启动，自 {since} 起运行"),
            Lang::En => format!("dalaba {version}, start number {run}, running since {since}"),
        });
        self.line("时钟", "clock", &clock(self.lang, &report.clock));
        self.line("播发记录", "as-run log", &journal(self.lang, &report.journal));
        let faulty = report.faulty_playlists.len();
        self.line(
            "节目单",
            "playlists",
            &match (self.lang, faulty) {
                (lang, 0) => lang.pick("正常", "ok").to_owned(),
                (Lang::Zh, _) => format!("{faulty} 个有错"),
                (Lang::En, _) => format!("{faulty} with mistakes"),
            },
        );
        let campaign = |report: &CampaignReport| format!("{} {}", report.name, report.serial);
        let campaigns: Vec<String> = report.campaigns.iter().map(campaign).collect();
        if !campaigns.is_empty() {
            self.line("县里的", "county's", &campaigns.join(self.lang.pick("、", ", ")));
        }
        for alert in &report.alerts {
            self.alert(alert);
        }
        if let Some(county) = &report.county {
            self.county(county);
        }
    }

    /// One line for an alert, and one more where a person has silenced it.
    fn alert(&mut self, alert: &AlertReport) {
        let lang = self.lang;
        let AlertReport { identifier, event, priority, status, .. } = alert;
        let (status, priority) = (status.words(), priority.words());
        let (status, priority) = (status.in_lang(lang), priority.in_lang(lang));
        let until = date_and_time(&alert.expires);
        let line = match lang {
            Lang::Zh => format!("{event}（{status}，{priority}）到 {until} 为止  {identifier}"),
            Lang::En => format!("{event} ({status}, {priority}) until {until}  {identifier}"),
        };
        self.line("警报", "alert", &line);
        if !alert.silenced.is_empty() {
            let list = alert.silenced.join(lang.pick("、", ", "));
            let words = lang.pick("已由人停播：", "silenced by a person: ");
            self.line("", "", &format!("{words}{list}"));
        }
    }

    fn county(&mut self, county: &CountyReport) {
        let lang = self.lang;
        let there = match (county.online, &county.last_contact) {
            (true, _) => lang.pick("在线", "online").to_owned(),
            (false, None) => lang.pick("连不上", "not reached").to_owned(),
            (false, Some(at)) => {
                let at = date_and_time(at);
                match lang {
                    Lang::Zh => format!("连不上，上次联系 {at}"),
                    Lang::En => format!("not reached since {at}"),
                }
            }
        };
        self.line("县里", "county", &format!("{}  {there}", county.address));
        let problem = lang.pick(&county.zh, &county.en);
        if !problem.is_empty() {
            self.line("", "", problem);
        }
        let fetching = lang.pick(&county.fetching_zh, &county.fetching_en);
        if !fetching.is_empty() {
            self.line("正在接收", "receiving", fetching);
        }
        self.line("待上传", "to send", &to_send(lang, county));
    }

    fn station(&mut self, station: &StationReport, now: &DateTime<FixedOffset>) {
        self.text.push('\n');
        self.heading(&station.id);
        self.line("输出", "output", &output(self.lang, station));
        if let Some(report) = &station.amplifier {
            self.line("功放", "amplifier", &amplifier(self.lang, station, report));
        }
        let silent = self.lang.pick("无", "nothing").to_owned();
        self.line(
            "正在播",
            "on air",
            &station.on_air.as_ref().map_or(silent, |item| on_air(self.lang, item)),
        );
        let none = self.lang.pick("无", "none").to_owned();
        self.line("下一条", "next", &station.next.as_ref().map_or(none, |item| next(item, now)));
        if station.queue > 0 {
            self.line("排队", "waiting", &station.queue.to_string());
        }
        self.line("用时", "used", &used(self.lang, &station.used));
        if let Some(last) = &station.completed {
            self.line("上次播完", "completed", &format!("{}  {}", date_and_time(&last.at), last.airing));
        }
        if let Some(monitor) = &station.monitor {
            self.line("监听", "microphone", &microphone(self.lang, monitor));
        }
    }

    fn faults(&mut self, report: &StatusReport) {
        let faults = report.faults();
        self.text.push('\n');
        if faults.is_empty() {
            return self.heading(self.lang.pick("一切正常。", "All is well."));
        }
        self.heading(self.lang.pick("需要处理：", "To be seen to:"));
        for fault in faults {
            self.heading(&format!("  - {}", fault.in_lang(self.lang)));
        }
    }
}

fn to_send(lang: Lang, county: &CountyReport) -> String {
    let receipts = county.receipts_waiting;
    let records = county.records_waiting.map_or_else(|| "?".to_owned(), |records| records.to_string());
    match lang {
        Lang::Zh => format!("{records} 条播发记录，{receipts} 张回执"),
        Lang::En => format!("{records} records, {receipts} receipts"),
    }
}

fn clock(lang: Lang, clock: &ClockReport) -> String {
    let trusted =
        if clock.trusted { lang.pick("可信", "trusted") } else { lang.pick("不可信", "not trusted") };
    format!("{}  {trusted}", clock.wall.format("%Y-%m-%d %H:%M:%S %:z"))
}

fn journal(lang: Lang, journal: &JournalReport) -> String {
    match journal {
        JournalReport::Ok => lang.pick("正常", "ok").to_owned(),
        JournalReport::CannotWrite { .. } => lang.pick("写不进去", "cannot be written").to_owned(),
    }
}

fn output(lang: Lang, station: &StationReport) -> String {
    let state = match &station.state {
        OutputReport::Up => lang.pick("正常", "ok"),
        OutputReport::Down { .. } => lang.pick("没有声音", "no sound"),
    };
    format!("{}  {state}", station.output)
}

/// The name is left out when it is the station's own.
fn amplifier(lang: Lang, station: &StationReport, report: &AmplifierReport) -> String {
    let state = report.switch.map_or(lang.pick("未知", "not known").to_owned(), |switch| {
        let words = switch.words();
        let since = report.since.as_ref().map(date_and_time).unwrap_or_default();
        format!("{}  {since}", words.in_lang(lang))
    });
    let faulty = if report.faults.is_empty() { "" } else { lang.pick("  有问题", "  with a fault") };
    let name = if report.name == station.id { String::new() } else { format!("{}  ", report.name) };
    format!("{name}{state}{faulty}")
}

/// Says what the microphone hears, and of what.
fn microphone(lang: Lang, monitor: &MonitorReport) -> String {
    let state = match monitor.state.as_str() {
        "heard" => lang.pick("听到了", "heard"),
        "not_heard" | "fault" => lang.pick("没听到", "not heard"),
        "unknown" => lang.pick("听不准", "not known"),
        "absent" => lang.pick("设备用不了", "cannot be used"),
        _ => lang.pick("还没有听过", "nothing judged yet"),
    };
    let doubt = monitor.last.as_ref().and_then(|last| last.doubt).filter(|_| monitor.state == "unknown");
    let why = doubt.map(|doubt| format!(" ({})", doubt.words().in_lang(lang))).unwrap_or_default();
    let last = monitor.last.as_ref().map(|last| format!("  {}  {}", date_and_time(&last.at), last.airing));
    format!("{}  {state}{why}{}", monitor.device, last.unwrap_or_default())
}

fn on_air(lang: Lang, item: &OnAirReport) -> String {
    let (heard, total) = (length(item.heard_ms), length(item.total_ms));
    let said = if item.text.is_empty() { &item.message } else { &item.text };
    format!("{heard} / {total}  {}  {said}", item.priority.words().in_lang(lang))
}

/// The date is left out when it is today's.
fn next(item: &NextReport, now: &DateTime<FixedOffset>) -> String {
    let today = item.due.date_naive() == now.date_naive();
    let due = if today { item.due.format("%H:%M:%S").to_string() } else { date_and_time(&item.due) };
    format!("{due}  {}", item.airing)
}

fn used(lang: Lang, used: &UsedReport) -> String {
    let part = |ms: u64, limit: Option<u32>| {
        let limit =
            limit.map_or_else(|| lang.pick("不限", "no limit").to_owned(), |limit| format!("{limit}:00"));
        format!("{} / {limit}", length(ms))
    };
    let (hour, day) = (part(used.hour_ms, used.minutes_per_hour), part(used.day_ms, used.minutes_per_day));
    match lang {
        Lang::Zh => format!("近一小时 {hour}，今天 {day}"),
        Lang::En => format!("last hour {hour}, today {day}"),
    }
}

/// Writes milliseconds as minutes and seconds, to the second below.
fn length(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
