//! The words of the explanation.

use chrono::{DateTime, Utc};

use super::super::log::text::{local, outcome};
use super::super::out::plain;
use super::Circumstances;
use crate::model::{Lang, Origin, Outcome};
use crate::station::journal::{ClockEvent, Close, Entry, RunFact};

impl Circumstances {
    fn pick(&self, zh: String, en: String) -> String {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn local(&self, instant: DateTime<Utc>) -> String {
        local(instant, self.zone)
    }

    /// Tells what the log knows of an airing.
    pub(super) fn told(&self, entry: &Entry) -> String {
        let due = self.local(entry.due.to_utc());
        let id = plain(entry.airing.as_str());
        let mut lines = vec![self.pick(format!("{id}\n  应于 {due} 播出"), format!("{id}\n  was due {due}"))];
        if let Origin::Said(who) = &entry.origin {
            let who = plain(who);
            lines.push(self.pick(format!("由 {who} 人工播出"), format!("{who} asked for it")));
        }
        if let Origin::Alert(name) = &entry.origin {
            let name = plain(&name.to_string());
            lines.push(self.pick(format!("来自警报 {name}"), format!("the alert {name} asked for it")));
        }
        lines.push(self.ending(entry));
        lines.extend(entry.close.as_ref().and_then(|close| self.because(close)));
        lines.extend(self.untrusted(entry.seq));
        lines.extend(self.gap(entry.due.to_utc()));
        let (seq, run) = (entry.seq, entry.run);
        lines.push(self.pick(
            format!("依据：播发记录第 {seq} 条，程序第 {run} 次启动"),
            format!("from record {seq} of the as-run log, start number {run} of the program"),
        ));
        lines.join("\n  ") + "\n"
    }

    /// Says how it ended, and what was heard.
    fn ending(&self, entry: &Entry) -> String {
        let word = outcome(entry, self.lang);
        let Some(close) = &entry.close else {
            let since = self.local(entry.on_air.unwrap_or_else(|| entry.due.to_utc()));
            return self.pick(format!("{word}，自 {since} 起"), format!("{word}, since {since}"));
        };
        let heard = match (close.started, close.ended, close.heard) {
            (Some(started), Some(ended), Some(heard)) => {
                let (started, ended) = (self.local(started), self.local(ended));
                let (seconds, times) = (heard.as_secs_f64(), entry.times);
                let readings = close.readings.unwrap_or_default();
                self.pick(
                    format!("{started} 开始，{ended} 结束，播出 {seconds:.1} 秒，完整播了 {readings} 遍（应播 {times} 遍）"),
                    format!("from {started} to {ended}, {seconds:.1} s heard, {readings} whole readings of {times}"),
                )
            }
            (_, _, Some(_)) => self.pick("没有出声".to_owned(), "nothing sounded".to_owned()),
            _ => self.pick("播出了多少无法得知".to_owned(), "how much was heard nobody can know".to_owned()),
        };
        self.pick(format!("{word}：{heard}"), format!("{word}: {heard}"))
    }

    /// Says why it ended so.
    fn because(&self, close: &Close) -> Option<String> {
        let reason = close.reason?.words().in_lang(self.lang).to_owned();
        let detail = plain(&close.detail);
        let more = if detail.is_empty() {
            String::new()
        } else {
            self.pick(format!("（{detail}）"), format!(" ({detail})"))
        };
        let late = close.outcome == Outcome::CompletedLate;
        Some(if late {
            self.pick(format!("迟播原因：{reason}{more}"), format!("it was late because: {reason}{more}"))
        } else {
            self.pick(format!("原因：{reason}{more}"), format!("because: {reason}{more}"))
        })
    }

    /// Says that the clock could not be trusted, or had been set, when record `seq` was written.
    fn untrusted(&self, seq: i64) -> Option<String> {
        let fact = self.clocks.iter().rev().find(|fact| fact.seq < seq)?;
        match fact.event {
            ClockEvent::Trusted => None,
            ClockEvent::Untrusted => {
                let at = self.local(fact.at);
                Some(self.pick(
                    format!("当时时钟不可信（从 {at} 起）"),
                    format!("the clock was not trusted then (since {at})"),
                ))
            }
            ClockEvent::Stepped { from, to } => {
                let (from, to) = (self.local(from), self.local(to));
                Some(self.pick(
                    format!("此前时钟被拨动：从 {from} 到 {to}"),
                    format!("the clock had been set before: from {from} to {to}"),
                ))
            }
        }
    }

    /// Says that the program was not running at `at`.
    fn gap(&self, at: DateTime<Utc>) -> Option<String> {
        let first = self.runs.first()?;
        if at < first.started {
            let started = self.local(first.started);
            return Some(self.pick(
                format!("当时程序还没有启动过，第一次启动在 {started}"),
                format!("the program had never run by then; its first start was at {started}"),
            ));
        }
        let (before, after) = self.runs.windows(2).find_map(|pair| match pair {
            [before, after] if before.last < at && at < after.started => Some((before, after)),
            _ => None,
        })?;
        Some(self.off(before, after))
    }

    fn off(&self, before: &RunFact, after: &RunFact) -> String {
        let (last, next) = (self.local(before.last), self.local(after.started));
        if before.ended {
            return self.pick(
                format!("当时程序没有运行：{last} 正常停止，{next} 才再启动"),
                format!(
                    "the program was not running: it stopped in good order at {last} and started at {next}"
                ),
            );
        }
        self.pick(
            format!("当时可能断电：最后一条记录在 {last}，{next} 才再启动"),
            format!("the power may have been off: the last record before is of {last}, the next start was at {next}"),
        )
    }

    /// Tells what can be told of a time or an airing that the log does not name.
    pub(super) fn unknown(&self, what: &str, at: DateTime<Utc>) -> String {
        let time = self.local(at);
        let lines = [self.pick(
            format!("{what}\n  播发记录里没有 {time} 前后的播发"),
            format!("{what}\n  the as-run log names no airing around {time}"),
        )];
        lines.into_iter().chain(self.gap(at)).collect::<Vec<_>>().join("\n  ") + "\n"
    }
}
