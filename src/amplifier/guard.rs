//! The guard of one amplifier: a child process of the daemon that alone touches the switch.
//!
//! It obeys orders on its standard input, has a timer of its own for `max_on`, and switches off when the input closes,
//! which the kernel does when the daemon dies, however that came about. Signals that mean the whole group (a terminal's
//! Ctrl-C, a stop of the service) do not end it: it lives as long as its daemon, and until the amplifier is off.

use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::net::unix::pipe::Receiver;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use super::heirloom::Heirloom;
use super::{Amplifier, AmplifierFault, Answer, Request, Setup, kind, times};
use crate::model::{AiringId, Switch, SwitchCause, Switched};

/// The hidden subcommand that starts a guard.
pub const SUBCOMMAND: &str = "amplifier-guard";

/// First and longest wait before a switch-off that failed is tried again; each wait is twice the one before.
const SOON: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_secs(30);

/// How long a guard waits for the one before it, and how long a person does, and a service manager that stops.
const PATIENCE: Duration = Duration::from_secs(12);
const PATIENCE_OF_PEOPLE: Duration = Duration::from_secs(3);

/// How often a guard without a daemon tries to switch off. Then it leaves: the next daemon's guard goes on trying, and
/// must not be kept waiting by this one.
const LAST_TRIES: u32 = 5;

/// The timer looks at the steady clock at least so often: a machine that slept was on meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Reads the clocks: the wall, and one that never steps.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The wall clock.
    pub wall: fn() -> DateTime<Utc>,
    /// The steady clock.
    pub steady: fn() -> Duration,
}

/// What the switch is known to be at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Off,
    /// On, or perhaps on, until this reading of the steady clock at the most.
    On {
        until: Duration,
    },
    /// It could not be switched off; again at this reading of the steady clock.
    Stuck {
        again_at: Duration,
        wait: Duration,
    },
}

struct Guard {
    amplifier: Box<dyn Amplifier>,
    name: String,
    max_on: Duration,
    clocks: Clocks,
    heirloom: Heirloom,
    known: Known,
}

/// Guards an amplifier as standard input says, until that closes and the amplifier is off.
///
/// Fails when the first line is no [`Setup`], or when the system refuses the simplest things.
pub async fn guard(clocks: Clocks) -> io::Result<()> {
    let _deaf = deaf()?;
    let mut input = BufReader::new(input()?).lines();
    let first = input.next_line().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let setup: Setup = serde_json::from_str(&first)?;
    let mut guard = Guard::new(setup, clocks, PATIENCE).await.map_err(io::Error::other)?;
    guard.tell_what_was_left();
    say(&Answer::There);
    guard.serve(&mut input).await;
    guard.end().await.map_err(io::Error::other)
}

/// Switches an amplifier off when there is neither a daemon nor a guard any more, and returns what still is wrong. What
/// was done is left for the next daemon to record, if the amplifier was on.
pub async fn switch_off(setup: Setup, clocks: Clocks) -> Result<(), AmplifierFault> {
    Guard::new(setup, clocks, PATIENCE_OF_PEOPLE).await?.end().await
}

/// Takes standard input, which has to be a pipe: its end is the daemon's end.
fn input() -> io::Result<Receiver> {
    Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)
}

/// Takes the signals that would end a process, and does nothing about them. Programs that it starts are not deaf.
fn deaf() -> io::Result<[Signal; 4]> {
    let deaf = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()];
    let [terminate, interrupt, hang_up, quit] = deaf.map(signal);
    Ok([terminate?, interrupt?, hang_up?, quit?])
}

/// Says one thing on standard output.
fn say(answer: &Answer) {
    let Ok(mut line) = serde_json::to_vec(answer) else { return };
    line.push(b'\n');
    let mut output = io::stdout().lock();
    // A daemon that has died does not listen; its end is seen on the input.
    let _ = output.write_all(&line).and_then(|()| output.flush());
}

impl Guard {
    async fn new(setup: Setup, clocks: Clocks, patience: Duration) -> Result<Self, AmplifierFault> {
        let row = kind(&setup.selection)?;
        let heirloom = Heirloom::take(&setup.folder, &setup.amplifier, patience).await;
        let amplifier = (row.open)(&setup.selection);
        let (name, max_on) = (setup.amplifier, times(&setup.selection).max_on);
        Ok(Self { amplifier, name, max_on, clocks, heirloom, known: Known::Nothing })
    }

    fn tell_what_was_left(&self) {
        for switched in self.heirloom.read() {
            say(&Answer::Switched { number: None, news: true, switched });
        }
        self.heirloom.forget();
    }

    /// Obeys until the input closes.
    async fn serve(&mut self, input: &mut Lines<BufReader<impl AsyncRead + Unpin>>) {
        loop {
            let wait = self.wait();
            tokio::select! {
                biased;
                line = input.next_line() => match line {
                    Ok(Some(line)) => self.obey(&line).await,
                    Ok(None) | Err(_) => return,
                },
                () = sleep(wait) => self.look().await,
            }
        }
    }

    /// Returns how long nothing has to be done.
    fn wait(&self) -> Duration {
        let at = match self.known {
            Known::Nothing | Known::Off => return Duration::from_hours(1),
            Known::On { until } => until,
            Known::Stuck { again_at, .. } => again_at,
        };
        at.saturating_sub((self.clocks.steady)()).min(LOOK_EVERY)
    }

    async fn obey(&mut self, line: &str) {
        // Only our own daemon speaks here; what cannot be read is not obeyed, and it will find that out.
        let Ok(request) = serde_json::from_str::<Request>(line) else { return };
        let Request { number, switch, at_most, cause, airing } = request;
        let news = !(switch == Switch::Off && self.known == Known::Off);
        let switched = match switch {
            Switch::On => self.on(at_most, cause, airing).await,
            Switch::Off => self.off(cause, airing).await,
        };
        say(&Answer::Switched { number: Some(number), news, switched });
    }

    /// Does what is due by the timer.
    async fn look(&mut self) {
        let now = (self.clocks.steady)();
        let cause = match self.known {
            Known::On { until } if until <= now => SwitchCause::MaxOn,
            Known::Stuck { again_at, .. } if again_at <= now => SwitchCause::Retry,
            _ => return,
        };
        let was_stuck = matches!(self.known, Known::Stuck { .. });
        let switched = self.off(cause, None).await;
        // What still does not work was told when it first did not.
        let news = !was_stuck || switched.fault.is_none();
        say(&Answer::Switched { number: None, news, switched });
    }

    /// Switches off when nobody speaks any more.
    async fn end(&mut self) -> Result<(), AmplifierFault> {
        if self.known == Known::Off {
            return Ok(());
        }
        let was_on = self.heirloom.is_marked_on();
        let mut tries = 1;
        loop {
            let cause = if tries == 1 { SwitchCause::DaemonGone } else { SwitchCause::Retry };
            let result = self.amplifier.switch(Switch::Off).await;
            let fault = result.as_ref().err().map(|fault| fault.words().to_string());
            // Told are the first failure and the end of it.
            if was_on && (tries == 1 || fault.is_none()) {
                // A disk that takes nothing costs a record; the switch matters more.
                let _ = self.heirloom.leave(&self.account(Switch::Off, cause, None, fault));
            }
            if result.is_ok() {
                self.heirloom.mark(false);
                return Ok(());
            }
            if tries == LAST_TRIES {
                return result;
            }
            tries += 1;
            sleep(SOON).await;
        }
    }

    async fn on(&mut self, at_most: Duration, cause: SwitchCause, airing: Option<AiringId>) -> Switched {
        let until = (self.clocks.steady)() + at_most.min(self.max_on);
        // Before it is tried: what failed may be on all the same.
        self.known = Known::On { until };
        self.heirloom.mark(true);
        let result = self.amplifier.switch(Switch::On).await;
        self.account(Switch::On, cause, airing, told(result))
    }

    async fn off(&mut self, cause: SwitchCause, airing: Option<AiringId>) -> Switched {
        let result = self.amplifier.switch(Switch::Off).await;
        self.known = match (&result, self.known) {
            (Ok(()), _) => Known::Off,
            (Err(_), Known::Stuck { wait, .. }) => self.stuck((wait * 2).min(LATE)),
            (Err(_), _) => self.stuck(SOON),
        };
        self.heirloom.mark(result.is_err());
        self.account(Switch::Off, cause, airing, told(result))
    }

    fn stuck(&self, wait: Duration) -> Known {
        Known::Stuck { again_at: (self.clocks.steady)() + wait, wait }
    }

    fn account(
        &self,
        switch: Switch,
        cause: SwitchCause,
        airing: Option<AiringId>,
        fault: Option<String>,
    ) -> Switched {
        Switched { amplifier: self.name.clone(), at: (self.clocks.wall)(), switch, cause, airing, fault }
    }
}

fn told(result: Result<(), AmplifierFault>) -> Option<String> {
    result.err().map(|fault| fault.words().to_string())
}
