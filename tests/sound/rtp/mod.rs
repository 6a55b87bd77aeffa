//! Sound over the network, received by programs and hosts that are not ours.

mod hosts;
mod lan;
mod listener;
mod receivers;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use dalaba::model::{AiringId, Clip, Selection, Setting, StationId};
use dalaba::output::{self, OpenContext, OutputFault};
use dalaba::station::clock;
use dalaba::station::player::{How, Player, PlayerEvent, Setup};

/// A busy machine may take its time.
const SOON: Duration = Duration::from_secs(20);

/// What `station.toml` would say, with the defaults filled in that reading would fill in.
fn selection(address: &str, options: &[(&str, Setting)]) -> Selection {
    let mut all = BTreeMap::from([("address".to_owned(), text(address)), ("codec".to_owned(), text("pcmu"))]);
    all.insert("dscp".to_owned(), Setting::Integer(46));
    all.extend(options.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    Selection { kind: "rtp".to_owned(), options: all }
}

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

/// A player of one station, and what it tells.
struct Village {
    player: Player,
    events: mpsc::Receiver<PlayerEvent>,
}

impl Village {
    fn open(selection: Selection) -> Self {
        let (send, events) = mpsc::channel();
        let probe = output::kind(&selection).unwrap().probe.unwrap();
        let asked = selection.clone();
        let setup = Setup {
            station: StationId::new("赵家庄").unwrap(),
            open: Box::new(move || output::open(&selection, OpenContext { clock: clock::steady })),
            probe: Some(Box::new(move || probe(&asked)) as Box<dyn FnMut() -> Result<(), OutputFault> + Send>),
            amplifier: None,
            volume: 100,
        };
        // The receiver may be gone when the last event comes.
        let player = Player::start(setup, Box::new(move |event| drop(send.send(event)))).unwrap();
        Self { player, events }
    }

    fn event(&self) -> PlayerEvent {
        self.events.recv_timeout(SOON).expect("the player tells something")
    }

    /// Waits until the output is there.
    fn up(&self) {
        while self.event() != PlayerEvent::Up {}
    }

    fn play(&self, name: &str, clip: &Clip) {
        self.player.play(AiringId::from_record(name), Arc::new(clip.clone()));
    }

    /// Waits for the end of what plays; says how it ended and how much was heard.
    fn ended(&self) -> (How, Duration) {
        loop {
            if let PlayerEvent::Ended { how, heard, .. } = self.event() {
                return (how, heard);
            }
        }
    }
}
