//! A station's player, and the next one when it hangs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::worker::Input;
use crate::model::{AiringId, Clip, Priority, Station, Words};
use crate::output::{self, OpenContext, OutputFault};
use crate::station::amplifier::Amplifier;
use crate::station::clock;
use crate::station::player::{Gauge, Player, PlayerEvent, Setup};

/// Holds the player of one station. Events of a player that was given up are told apart by its number.
pub(super) struct Mouth {
    player: Option<Player>,
    number: u64,
    /// The amplifier that the player waits for.
    amplifier: Option<Amplifier>,
    outbox: mpsc::UnboundedSender<Input>,
    /// What is kept up beside the sound.
    _standing: Option<Box<dyn Send>>,
}

impl Mouth {
    /// Starts the player of `station`.
    pub(super) fn new(
        station: &Station,
        amplifier: Option<Amplifier>,
        outbox: mpsc::UnboundedSender<Input>,
    ) -> Self {
        let standing = output::kind(&station.output).ok().and_then(|kind| kind.standing);
        let standing = standing.and_then(|begin| begin(&station.output));
        let mut mouth = Self { player: None, number: 0, amplifier, outbox, _standing: standing };
        mouth.start(station);
        mouth
    }

    /// Tells whether `number` is the present player's.
    pub(super) fn is(&self, number: u64) -> bool {
        self.number == number
    }

    /// Gives up a player that hangs and starts another.
    pub(super) fn replace(&mut self, station: &Station) {
        if let Some(player) = self.player.take() {
            player.abandon();
        }
        self.start(station);
    }

    fn start(&mut self, station: &Station) {
        self.number += 1;
        let (number, outbox) = (self.number, self.outbox.clone());
        let listener = Box::new(move |event| {
            // The loop may have ended meanwhile.
            let _ = outbox.send(Input::Player(number, event));
        });
        match Player::start(setup(station, self.amplifier.clone()), listener) {
            Ok(player) => {
                if let Some(mixer) = &station.mixer {
                    player.fader(output::fader(mixer.clone()));
                }
                self.player = Some(player);
            }
            Err(error) => {
                let words = Words::new(format!("无法启动播放线程：{error}"), format!("no player: {error}"));
                let _ = self.outbox.send(Input::Player(number, PlayerEvent::Down(words)));
            }
        }
    }

    pub(super) fn warm(&self) {
        if let Some(player) = &self.player {
            player.warm();
        }
    }

    pub(super) fn play(&self, airing: AiringId, clip: Arc<Clip>, at: Option<DateTime<Utc>>) {
        if let Some(player) = &self.player {
            match at {
                Some(at) => player.play_at(airing, clip, at),
                None => player.play(airing, clip),
            }
        }
    }

    pub(super) fn stop(&self) {
        if let Some(player) = &self.player {
            player.stop();
        }
    }

    pub(super) fn volume_of_next(&self, percent: u8) {
        if let Some(player) = &self.player {
            player.volume_of_next(percent);
        }
    }

    pub(super) fn volume(&self, percent: u8) {
        if let Some(player) = &self.player {
            player.volume(percent);
        }
    }

    pub(super) fn rank(&self, priority: Priority) {
        if let Some(player) = &self.player {
            player.rank(priority);
        }
    }

    pub(super) fn quit(&self) {
        if let Some(player) = &self.player {
            player.quit();
        }
    }

    /// Returns the gauge of the present player; none if none could be started.
    pub(super) fn gauge(&self) -> Option<Gauge> {
        self.player.as_ref().map(Player::gauge)
    }
}

fn setup(station: &Station, amplifier: Option<Amplifier>) -> Setup {
    let selection = station.output.clone();
    let context = OpenContext { clock: clock::steady };
    let probe = output::kind(&selection).ok().and_then(|kind| kind.probe);
    let asked = selection.clone();
    Setup {
        station: station.id.clone(),
        open: Box::new(move || output::open(&selection, context)),
        probe: probe.map(|probe| {
            Box::new(move || probe(&asked)) as Box<dyn FnMut() -> Result<(), OutputFault> + Send>
        }),
        amplifier,
        volume: station.volume.usual,
    }
}
