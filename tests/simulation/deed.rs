//! What the world does for playout: renders, opens, plays, records.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::model::{Airing, AiringId, ClipLength, Record};
use dalaba::playout::{Action, Ending, Event, Now};
use rand::Rng;

use crate::account::Sound;
use crate::world::{Faults, Happening, Playing, World};

impl World {
    pub(crate) fn lose_output(&mut self) {
        self.output_works = false;
        self.troubles.insert("a lost output");
        match self.playing.as_ref().map(|playing| playing.number) {
            Some(number) => self.sound_ends(number, Ending::Lost("planted".to_owned())),
            None => self.tell(Event::OutputDown),
        }
    }

    pub(crate) fn sound_ends(&mut self, number: u64, how: Ending) {
        let Some(playing) = self.playing.take_if(|playing| playing.number == number && !playing.stuck) else {
            return;
        };
        let heard = playing.sound.map(|sound| self.account.end(sound, self.t).min(playing.planned));
        let started = playing.sound.map(|sound| self.account.sounds[sound].wall);
        let (airing, heard) = (playing.airing.id, heard.unwrap_or_default());
        self.tell(Event::Ended { airing, started, ended: self.wall(), heard, how });
    }

    pub(crate) fn carry_out_all(&mut self, now: &Now, actions: Vec<Action>) {
        let mut refused: Option<AiringId> = None;
        for action in actions {
            match &action {
                Action::Record(record) if self.log_has(record) => {
                    let Some(id) = record.airing().map(|airing| airing.id.clone()) else { continue };
                    let more = self
                        .running
                        .as_mut()
                        .map(|running| running.playout.handle(*now, Event::AlreadyRecorded(id.clone())));
                    refused = Some(id);
                    self.carry_out_all(now, more.unwrap_or_default());
                }
                Action::Play { airing, .. } if refused.as_ref() == Some(&airing.id) => {}
                _ => self.carry_out(now, action),
            }
        }
    }

    pub(crate) fn log_has(&self, record: &Record) -> bool {
        let Some(airing) = record.airing() else { return false };
        let id = &airing.id;
        let had_on_air = matches!(record, Record::OnAir(_)) && self.disk.on_air.contains(id);
        had_on_air || self.disk.closed.contains_key(id)
    }

    pub(crate) fn carry_out(&mut self, now: &Now, action: Action) {
        if self.loud {
            println!("{}   {}", self.wall(), describe(&action));
        }
        match action {
            Action::Prepare(airing) => self.render(airing.id),
            Action::Warm => {
                let Some(run) = self.run() else { return };
                let after = self.rng.random_range(5..1_500);
                self.later(self.t + after, Happening::Opened(run));
            }
            Action::Record(record) => {
                self.account.recorded(&record);
                self.disk.commit(record);
            }
            Action::Play { airing, at, chime, .. } => self.play(now, airing, at, chime),
            Action::Cut(_) => {
                if let Some(playing) = &mut self.playing {
                    playing.cut = true;
                    let number = playing.number;
                    self.later(self.t + 200, Happening::Silenced(number));
                }
            }
            Action::Abandon => {
                let Some(playing) = self.playing.take() else { return };
                if let Some(sound) = playing.sound {
                    // What hangs is the player; its device fell silent at the clip's end.
                    let end = self.account.sounds[sound].from + millis(playing.planned);
                    self.account.end(sound, end.min(self.t));
                }
            }
        }
    }

    pub(crate) fn render(&mut self, airing: AiringId) {
        let Some(run) = self.run() else { return };
        let fails = self.faults == Faults::All && self.rng.random_bool(0.03);
        let lost = self.faults == Faults::All && self.rng.random_bool(0.005);
        let after = self.rng.random_range(20..3_000);
        if !lost {
            self.later(self.t + after, Happening::Rendered(run, airing, !fails));
        }
    }

    pub(crate) fn play(&mut self, now: &Now, airing: Airing, at: Option<DateTime<Utc>>, chime: bool) {
        let length = length_of(&airing.id);
        let planned = length.message + if chime { length.chime } else { Duration::ZERO };
        assert!(
            self.playing.is_none(),
            "two sounds at once: {} was started while another was on air",
            airing.id
        );
        self.numbers += 1;
        let number = self.numbers;
        let stuck = self.faults == Faults::All && self.rng.random_bool(0.002);
        let offset = self.offset;
        self.playing = Some(Playing { number, airing, sound: None, offset, cut: false, planned, stuck });
        match at.and_then(|at| (at - now.wall).to_std().ok()).filter(|ahead| !ahead.is_zero()) {
            Some(ahead) => self.later(self.t + millis(ahead), Happening::Begun(number)),
            None => self.begin(number),
        }
    }

    /// Lets a sound begin that was ordered, unless it was cut before.
    pub(crate) fn begin(&mut self, number: u64) {
        let wall = self.wall();
        let Some(playing) = self.playing.as_mut().filter(|playing| playing.number == number && !playing.cut)
        else {
            return;
        };
        // A step of the clock after the order moves no start.
        let stepped = self.offset != playing.offset;
        let sound = Sound::new(playing.airing.clone(), self.t, wall, playing.planned);
        playing.sound = Some(self.account.begin(sound, stepped));
        let end = self.t + millis(playing.planned);
        self.later(end, Happening::Drained(number));
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("short")
}

/// Gives each airing a clip whose length follows from its name, so that no table has to be kept.
pub(crate) fn length_of(airing: &AiringId) -> ClipLength {
    let sum: u64 = airing.as_str().bytes().map(u64::from).sum();
    let reading = Duration::from_millis(1_000 + sum * 37 % 20_000);
    ClipLength { message: reading, reading, chime: Duration::from_millis(1_200), voice: "sim".to_owned() }
}

fn describe(action: &Action) -> String {
    match action {
        Action::Prepare(airing) => format!("prepare {}", airing.id),
        Action::Record(Record::Ordered(ordered)) => format!("ordered {}", ordered.airing.id),
        Action::Record(Record::OnAir(on_air)) => format!("on air {}", on_air.airing.id),
        Action::Record(Record::Closed(as_run)) => {
            format!("closed {} {} {:?}", as_run.airing.id, as_run.outcome, as_run.reason)
        }
        Action::Record(Record::Monitored(monitored)) => {
            format!("monitored {} {}", monitored.airing.id, monitored.heard)
        }
        Action::Play { airing, .. } => format!("play {}", airing.id),
        other => format!("{other:?}"),
    }
}
