//! What people see who run the daemon in a terminal: what airs next, what is on air, and each record as it closes.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::{broadcast, watch};
use tokio::time::interval;

use super::board::{Board, Notices};
use super::in_force::InForce;
use super::ledger::Ledger;
use super::status::next_due;
use crate::model::{AsRun, Lang, OnAir, Record, Station, StationId};
use crate::station::clock;

/// How often the bars move.
const FRAME: Duration = Duration::from_millis(250);

/// Shows the team's boards and the ledger's records until the daemon ends.
pub(super) fn show(
    lang: Lang,
    ledger: &Ledger,
    in_force: watch::Receiver<Arc<InForce>>,
    boards: BTreeMap<StationId, Arc<Board>>,
) {
    let screen = Screen { lang, in_force, boards, bars: BTreeMap::new(), all: bars() };
    tokio::spawn(screen.run(ledger.listen()));
}

/// Bars go to a terminal only; elsewhere each fact is a line.
fn bars() -> Option<MultiProgress> {
    let terminal = io::stdout().is_terminal();
    terminal.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout()))
}

struct Screen {
    lang: Lang,
    in_force: watch::Receiver<Arc<InForce>>,
    boards: BTreeMap<StationId, Arc<Board>>,
    bars: BTreeMap<StationId, ProgressBar>,
    all: Option<MultiProgress>,
}

impl Screen {
    async fn run(mut self, mut records: broadcast::Receiver<Record>) {
        let mut frame = interval(FRAME);
        self.print(self.lang.pick("大喇叭开始工作；按 Ctrl-C 退出。", "dalaba is at work; Ctrl-C ends it."));
        self.print_coming();
        loop {
            tokio::select! {
                record = records.recv() => match record {
                    Ok(record) => self.tell(&record),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                _ = frame.tick(), if self.all.is_some() => self.draw(),
            }
        }
    }

    fn print(&self, line: &str) {
        match &self.all {
            // A terminal that has gone away is no reason to stop airing.
            Some(all) => drop(all.println(line)),
            None => drop(writeln!(io::stdout().lock(), "{line}")),
        }
    }

    fn print_coming(&self) {
        if self.all.is_none() {
            let in_force = Arc::clone(&self.in_force.borrow());
            for station in &in_force.site.stations {
                self.print(&self.coming(&in_force, station, clock::wall()));
            }
        }
    }

    fn tell(&self, record: &Record) {
        match record {
            Record::OnAir(on_air) if self.all.is_none() => self.print(&self.beginning(on_air)),
            Record::OnAir(_) | Record::Ordered(_) | Record::Monitored(_) | Record::Switched(_) => {}
            Record::Closed(as_run) => {
                self.print(&self.closing(as_run));
                let in_force = Arc::clone(&self.in_force.borrow());
                let station = in_force.station(&as_run.airing.station).filter(|_| self.all.is_none());
                if let Some(station) = station {
                    self.print(&self.coming(&in_force, station, clock::wall()));
                }
            }
        }
    }

    fn draw(&mut self) {
        let (in_force, now) = (Arc::clone(&self.in_force.borrow()), clock::wall());
        for station in &in_force.site.stations {
            let Some(notices) = self.boards.get(&station.id).map(|board| board.read()) else { continue };
            let coming = self.coming(&in_force, station, now);
            if let Some(bar) = self.bar(&station.id) {
                update(&bar, station, &notices, coming);
            }
        }
    }

    fn bar(&mut self, station: &StationId) -> Option<ProgressBar> {
        let all = self.all.as_ref()?;
        let new = || all.add(ProgressBar::new(1));
        Some(self.bars.entry(station.clone()).or_insert_with(new).clone())
    }

    fn coming(&self, in_force: &InForce, station: &Station, now: DateTime<Utc>) -> String {
        let notices = self.boards.get(&station.id).map(|board| board.read()).unwrap_or_default();
        if let Some(down) = notices.down {
            return format!("{}  {}", station.id, down.words.in_lang(self.lang));
        }
        let soon = notices.shown.and_then(|shown| shown.view.next);
        let Some(next) = soon.or_else(|| next_due(in_force, station, now)) else {
            return format!("{}  {}", station.id, self.lang.pick("没有安排", "nothing planned"));
        };
        let wait = (next.due_utc() - now).num_seconds().max(0);
        let (due, message) = (next.due.format("%H:%M:%S"), next.message_id());
        let (zh, en) = (
            format!("{}  下一条“{message}” {due}，还有 {wait} 秒", station.id),
            format!("{}  next: {message} at {due}, in {wait} s", station.id),
        );
        self.lang.pick(&zh, &en).to_owned()
    }

    fn beginning(&self, on_air: &OnAir) -> String {
        let airing = &on_air.airing;
        let text = airing.message.text.as_deref().unwrap_or_default();
        let word = self.lang.pick("播出", "on air");
        format!("{}  {}  {word}  {}  {text}", airing.station, self.time(on_air.at), airing.message_id())
    }

    fn closing(&self, as_run: &AsRun) -> String {
        let airing = &as_run.airing;
        let outcome = as_run.outcome.words();
        let reason = as_run.reason.map(|reason| format!("（{}）", reason.words().in_lang(self.lang)));
        let heard = as_run.heard.map(|heard| format!("  {:.1} s", heard.as_secs_f64())).unwrap_or_default();
        let time = self.time(as_run.started.unwrap_or(as_run.at));
        format!(
            "{}  {time}  {}{}  {}{heard}",
            airing.station,
            outcome.in_lang(self.lang),
            reason.unwrap_or_default(),
            airing.message_id()
        )
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        self.in_force.borrow().civil(at).format("%H:%M:%S").to_string()
    }
}

fn update(bar: &ProgressBar, station: &Station, notices: &Notices, coming: String) {
    let on_air = notices.shown.as_ref().and_then(|shown| shown.view.on_air.as_ref());
    let Some(on_air) = on_air else {
        bar.set_style(style("{msg}"));
        bar.set_message(coming);
        return;
    };
    let heard = notices.progress().map_or(Duration::ZERO, |progress| progress.heard);
    let airing = &on_air.airing;
    let text = airing.message.text.clone().unwrap_or_else(|| airing.message_id().to_string());
    bar.set_style(style("{msg} {bar:24} {prefix}"));
    bar.set_length(u64::try_from(on_air.planned.as_millis()).unwrap_or(u64::MAX).max(1));
    bar.set_position(u64::try_from(heard.as_millis()).unwrap_or(u64::MAX));
    bar.set_prefix(format!("{:.1}/{:.1} s", heard.as_secs_f64(), on_air.planned.as_secs_f64()));
    bar.set_message(format!("{}  ▶ {text}", station.id));
}

fn style(template: &str) -> ProgressStyle {
    // The templates are ours and well-formed; anything else would be the plain bar.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
