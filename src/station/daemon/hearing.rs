//! What a station's ear hears, and what that means: a record, and a fault when nothing was heard several times in a row.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::board::{Board, Listening};
use super::worker::{Input, Worker};
use crate::model::{Airing, AiringId, Audible, Clip, Monitor, Monitored, Record, Station};
use crate::playout::Now;
use crate::station::ear::{Ear, EarEvent, Judged, Setup, folder_below};
use crate::station::journal::{HeardBefore, JournalError, JournalHandle};

/// How long the last judgement may take: the longest echo, and a slow machine; the service manager waits 10 s for all of the end.
const LAST_VERDICT: Duration = Duration::from_secs(4);

/// The ear of one station, and how often in a row it heard nothing.
pub(super) struct Hearing {
    ear: Ear,
    monitor: Monitor,
    missed: u32,
}

impl Hearing {
    /// Lets `station` be listened to, if it has a microphone, from what the log remembers of it.
    pub(super) async fn begin(
        station: &Station,
        (journal, state): (&JournalHandle, &Path),
        board: &Board,
        outbox: mpsc::UnboundedSender<Input>,
    ) -> Result<Option<Self>, JournalError> {
        let Some(monitor) = station.monitor.clone() else { return Ok(None) };
        let before = journal.heard_before(station.id.clone()).await?;
        let listening = Listening::new(&monitor, &before);
        board.listens(listening);
        let setup = Setup {
            station: station.id.clone(),
            monitor: monitor.clone(),
            folder: folder_below(state),
            usual: before.level_dbfs(),
        };
        let listener = Box::new(move |event| {
            // The loop may have ended meanwhile.
            let _ = outbox.send(Input::Ear(event));
        });
        let started = Ear::start(setup, listener);
        let started = started.inspect_err(|error| {
            tracing::error!(station = %station.id, %error, "nobody listens: there is no room for a thread");
        });
        Ok(started.ok().map(|ear| Self { ear, monitor, missed: before.missed }))
    }

    /// Takes what is given to the output.
    pub(super) fn sent(&self, airing: &Airing, clip: &Arc<Clip>, chime: Duration) {
        self.ear.sent(airing.clone(), Arc::clone(clip), chime);
    }

    pub(super) fn open(&self) {
        self.ear.open();
    }

    /// Takes that an airing is over.
    pub(super) fn ended(
        &self,
        airing: &AiringId,
        started: Option<DateTime<Utc>>,
        heard: Duration,
        now: &Now,
    ) {
        let ago = |started: DateTime<Utc>| (now.wall - started).to_std().unwrap_or_default();
        self.ear.ended(airing.clone(), started.map(|started| now.steady.saturating_sub(ago(started))), heard);
    }

    /// Turns a judgement into the fact to be recorded.
    fn record(&mut self, judged: Judged, at: DateTime<Utc>) -> Monitored {
        let Judged { airing, finding, kept } = judged;
        self.missed = match finding.heard {
            Audible::Yes => 0,
            Audible::No => self.missed.saturating_add(1),
            Audible::Unknown => self.missed,
        };
        let missed = if finding.heard == Audible::No { self.missed } else { 0 };
        let (heard, doubt, delay) = (finding.heard, finding.doubt, finding.delay);
        let level_millibel = finding.level.map(|level| whole(level * 100.0));
        let score = finding.score.map(|score| whole(score * 1000.0));
        let score_permille = score.and_then(|score| u16::try_from(score).ok());
        Monitored { airing, at, heard, doubt, level_millibel, score_permille, delay, missed, kept }
    }

    fn is_at_fault(&self) -> bool {
        self.missed >= self.monitor.fault_after
    }
}

#[expect(clippy::cast_possible_truncation, reason = "levels and scores are small")]
fn whole(value: f32) -> i32 {
    value.round() as i32
}

impl Worker {
    /// Waits until the ear has judged what has sounded: a village that is switched off after its last message wants to know of
    /// that one, too.
    pub(super) async fn hear_out(&mut self) {
        let Some(hearing) = &self.hearing else { return };
        hearing.ear.close();
        let late = sleep(LAST_VERDICT);
        tokio::pin!(late);
        loop {
            tokio::select! {
                () = &mut late => {
                    tracing::warn!(station = %self.station.id, "the ear did not judge in time what sounded last");
                    return;
                }
                input = self.inbox.recv() => match input {
                    None | Some(Input::Ear(EarEvent::Closed)) => return,
                    Some(Input::Ear(event)) => {
                        let now = self.time.now();
                        self.overhear(&now, event).await;
                    }
                    // The station is silent and shut down: there is nothing left to be done.
                    Some(_) => {}
                },
            }
        }
    }

    /// Takes what the ear tells.
    pub(super) async fn overhear(&mut self, now: &Now, event: EarEvent) {
        let station = &self.station.id;
        match event {
            EarEvent::Up => self.board.microphone_up(),
            // It is asked to close only when the loop ends.
            EarEvent::Closed => {}
            EarEvent::Down(words) => {
                tracing::warn!(%station, "{words}");
                self.board.microphone_down(&words, now.wall);
            }
            EarEvent::Judged(judged) => {
                let Some(hearing) = &mut self.hearing else { return };
                let monitored = hearing.record(*judged, now.wall);
                let (airing, heard, missed) = (&monitored.airing.id, monitored.heard, monitored.missed);
                let doubt = monitored.doubt.map_or("", |doubt| doubt.as_str());
                if heard == Audible::No && hearing.is_at_fault() {
                    tracing::error!(%airing, missed, "the microphone has not heard this station several times in a row");
                } else {
                    tracing::info!(%airing, %heard, doubt, "listened");
                }
                self.board.overheard(&monitored);
                self.ledger.commit(vec![Record::Monitored(monitored)]).await;
            }
        }
    }
}

impl Listening {
    fn new(monitor: &Monitor, before: &HeardBefore) -> Self {
        Self {
            device: monitor.device.clone(),
            down: None,
            last: None,
            heard: before.heard,
            missed: before.missed,
            fault_after: monitor.fault_after,
        }
    }
}
