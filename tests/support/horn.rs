//! A player of this process on any output, and what it tells.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dalaba::model::{AiringId, Clip, Selection, Setting, StationId};
use dalaba::output::{self, OpenContext};
use dalaba::station::clock;
use dalaba::station::player::{Player, PlayerEvent, Setup};

use super::poll;

/// How long anything may take on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(15);

/// A player, its events so far, and those to come.
pub(crate) struct Horn {
    pub(crate) player: Player,
    events: Receiver<PlayerEvent>,
    past: Mutex<Vec<PlayerEvent>>,
}

/// Chooses an output with its options.
pub(crate) fn selection(kind: &str, options: &[(&str, Setting)]) -> Selection {
    let options: BTreeMap<_, _> =
        options.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Selection { kind: kind.to_owned(), options }
}

/// Writes a text option.
pub(crate) fn text(value: impl Into<String>) -> Setting {
    Setting::Text(value.into())
}

/// Writes a list of texts.
pub(crate) fn texts(values: &[&str]) -> Setting {
    Setting::Texts(values.iter().map(|value| (*value).to_owned()).collect())
}

impl Horn {
    /// Starts a player on the output that `selection` chooses.
    pub(crate) fn start(selection: Selection) -> Self {
        let (send, events) = mpsc::channel();
        let kind = output::kind(&selection).unwrap();
        let asked = selection.clone();
        let setup = Setup {
            station: StationId::new("赵家庄").unwrap(),
            open: Box::new(move || output::open(&selection, OpenContext { clock: clock::steady })),
            probe: kind
                .probe
                .map(|probe| -> dalaba::station::player::Probe { Box::new(move || probe(&asked)) }),
            amplifier: None,
            volume: 100,
        };
        let player =
            Player::start(setup, Box::new(move |event| send.send(event).unwrap_or_default())).unwrap();
        Self { player, events, past: Mutex::default() }
    }

    /// Waits for the first event that `find` takes something out of; those before it are forgotten.
    pub(crate) fn wait<T>(&self, what: &str, mut find: impl FnMut(&PlayerEvent) -> Option<T>) -> T {
        poll::until(what, SOON, || {
            let event = self.events.try_recv().ok()?;
            let found = find(&event);
            self.past.lock().unwrap().push(event);
            found
        })
    }

    /// Waits until the output is there.
    pub(crate) fn up(&self) {
        self.wait("up", |event| (*event == PlayerEvent::Up).then_some(()));
    }

    /// Waits until the output is not there, and returns why.
    pub(crate) fn down(&self) -> String {
        self.wait("down", |event| match event {
            PlayerEvent::Down(words) => Some(words.en.clone()),
            _ => None,
        })
    }

    /// Plays a clip as the message `name`.
    pub(crate) fn play(&self, name: &str, clip: &Clip) {
        let id = format!("赵家庄/春运/{name}@2026-11-23T06:30:00+08:00");
        self.player.play(AiringId::from_record(id), Arc::new(clip.clone()));
    }

    /// Waits for the first sample.
    pub(crate) fn started(&self) {
        self.wait("the start", |event| matches!(event, PlayerEvent::Started { .. }).then_some(()));
    }

    /// Waits for the end of the clip.
    pub(crate) fn ended(&self) -> PlayerEvent {
        self.wait("the end", |event| matches!(event, PlayerEvent::Ended { .. }).then(|| event.clone()))
    }

    /// Ends the player and waits until it has closed its output.
    pub(crate) fn quit(self) {
        self.player.quit();
        self.wait("the end of the player", |event| (*event == PlayerEvent::Quit).then_some(()));
    }
}
