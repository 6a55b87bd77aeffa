//! Carries a relay's orders to its guard, and what the guard says back to the relay, the log and the status.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

use super::Shared;
use super::guard::Guard;
use crate::amplifier::{Answer, Request, Setup};
use crate::model::{AiringId, Switch, SwitchCause, Switched, Words};
use crate::relay::{Event, Order};
use crate::station::clock;

/// First and longest wait before another guard is started; each wait is twice the one before.
const SOON: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_secs(30);

/// A guard that lived for so long is started again at once.
const STEADY: Duration = Duration::from_mins(1);

/// A guard waits some seconds for the one before it, which may have a slow program to finish.
const THERE_WITHIN: Duration = Duration::from_secs(15);

/// Nothing happens by itself for so long at the most.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// What woke the driver.
enum Woken {
    Order(Option<Order>),
    Answer(Option<Answer>),
    Time,
}

/// Looks after one amplifier until it is told to leave.
pub(super) struct Driver {
    setup: Setup,
    shared: Arc<Shared>,
    orders: mpsc::UnboundedReceiver<Order>,
    records: mpsc::UnboundedSender<Switched>,
    guard: Option<Guard>,
    /// Whether it has said that it is there.
    there: bool,
    /// Reading of the steady clock at which the guard began, or another one is to begin.
    at: Duration,
    /// How long the next loss is waited out.
    wait: Duration,
    /// Number of the last order.
    number: u64,
}

impl Driver {
    pub(super) fn new(
        setup: Setup,
        shared: Arc<Shared>,
        orders: mpsc::UnboundedReceiver<Order>,
        records: mpsc::UnboundedSender<Switched>,
    ) -> Self {
        let (at, wait) = (Duration::ZERO, Duration::ZERO);
        Self { setup, shared, orders, records, guard: None, there: false, at, wait, number: 0 }
    }

    /// Runs until the amplifier has left.
    pub(super) async fn run(mut self) {
        while !self.shared.lock().has_left() {
            self.look_after_guard().await;
            match self.woken().await {
                Woken::Order(Some(order)) => self.carry(order).await,
                Woken::Order(None) => break,
                Woken::Answer(Some(answer)) => self.hear(answer),
                Woken::Answer(None) => self.lose().await,
                Woken::Time => self.shared.step(Event::Tick),
            }
        }
        if let Some(guard) = self.guard.take() {
            guard.let_go().await;
        }
    }

    async fn woken(&mut self) -> Woken {
        let now = clock::steady();
        let own = match &self.guard {
            Some(_) if self.there => None,
            Some(_) => Some(self.at + THERE_WITHIN),
            None => Some(self.at),
        };
        let wake = self.shared.lock().next_wake(now).into_iter().chain(own).min();
        let rest = wake.map_or(LONGEST_SLEEP, |wake| wake.saturating_sub(now));
        let answer = async {
            match &mut self.guard {
                Some(guard) => guard.answer().await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            biased;
            order = self.orders.recv() => Woken::Order(order),
            answer = answer => Woken::Answer(answer),
            () = self.shared.changed.notified() => Woken::Time,
            () = sleep(rest) => Woken::Time,
        }
    }

    /// Starts a guard when it is time for one, and gives up one that does not come.
    async fn look_after_guard(&mut self) {
        let now = clock::steady();
        if self.guard.is_some() {
            if !self.there && now >= self.at + THERE_WITHIN {
                self.lose().await;
            }
            return;
        }
        if now < self.at {
            return;
        }
        (self.at, self.there) = (now, false);
        self.shared.step(Event::GuardComing);
        match Guard::start(&self.setup).await {
            Ok(guard) => self.guard = Some(guard),
            Err(error) => {
                let words = Words::new(format!("启动不了看守进程：{error}"), format!("no guard: {error}"));
                self.wait_for_another(words);
            }
        }
    }

    /// Does without the guard until there is another one.
    async fn lose(&mut self) {
        if let Some(guard) = self.guard.take() {
            guard.kill().await;
        }
        self.wait_for_another(Words::new("看守进程中断了", "its guard died"));
    }

    fn wait_for_another(&mut self, words: Words) {
        let now = clock::steady();
        tracing::error!(amplifier = self.setup.amplifier, "{words}");
        self.shared.notice().guard(Some(words), clock::wall());
        if now.saturating_sub(self.at) >= STEADY {
            self.wait = Duration::ZERO;
        }
        self.at = now + self.wait;
        // Nobody waits for a guard that will be long in coming.
        self.shared.step(if self.wait.is_zero() { Event::GuardComing } else { Event::GuardDown });
        self.wait = (self.wait * 2).clamp(SOON, LATE);
    }

    async fn carry(&mut self, order: Order) {
        let request = match order {
            Order::On { at_most, cause, airing } => self.request(Switch::On, at_most, cause, airing),
            Order::Off { cause } => self.request(Switch::Off, Duration::ZERO, cause, None),
            Order::ReplaceGuard => return self.lose().await,
        };
        let sent = match &mut self.guard {
            Some(guard) => guard.order(&request).await,
            // It died meanwhile; the relay knows, and tells the next one what is wanted.
            None => return,
        };
        if sent.is_err() {
            self.lose().await;
        }
    }

    fn request(
        &mut self,
        switch: Switch,
        at_most: Duration,
        cause: SwitchCause,
        airing: Option<AiringId>,
    ) -> Request {
        self.number += 1;
        Request { number: self.number, switch, at_most, cause, airing }
    }

    fn hear(&mut self, answer: Answer) {
        let Answer::Switched { number, news, switched } = answer else {
            self.there = true;
            self.shared.notice().guard(None, clock::wall());
            return self.shared.step(Event::GuardUp);
        };
        let failed = switched.fault.is_some();
        if number == Some(self.number) {
            self.shared.step(if failed { Event::Failed } else { Event::Done });
        } else if number.is_none() && self.there && switched.cause == SwitchCause::MaxOn {
            self.shared.step(Event::WentOff);
        }
        if news {
            self.account(switched);
        }
    }

    /// Shows and records a switch. What a guard did before this run is only recorded.
    fn account(&self, switched: Switched) {
        if self.there {
            self.shared.notice().note(&switched);
        }
        let Switched { amplifier, switch, cause, .. } = &switched;
        match &switched.fault {
            None => tracing::info!(amplifier, %switch, %cause, "switched"),
            Some(fault) => tracing::error!(amplifier, %switch, %cause, "not switched: {fault}"),
        }
        // Nobody records any more when the daemon is all but gone.
        let _ = self.records.send(switched);
    }
}
