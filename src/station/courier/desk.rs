//! What the courier's three rounds share: the office, the store, the clock, what is to be told, and how it stands.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use super::backoff::{Dice, wait};
use super::cursor::Cursor;
use super::receipts::Outbox;
use super::{Fault, Inputs, Office, View};
use crate::model::Words;
use crate::wire::{About, Offers, Step};

/// Longest reason that a receipt gives, in bytes: a full message of them stays within what one may hold.
const LONGEST_REASON: usize = 1000;

/// Everything that the rounds share. They run in one thread, so nothing here is ever waited for.
pub(super) struct Desk {
    pub(super) office: Office,
    pub(super) inputs: Inputs,
    pub(super) state: PathBuf,
    /// What the county has for us, once it has said so.
    pub(super) offers: watch::Sender<Option<Arc<Offers>>>,
    /// Something is to be told.
    pub(super) news: Notify,
    /// The county's word on our records is wanted anew.
    pub(super) ask_anew: Notify,
    outbox: Mutex<Outbox>,
    cursor: Mutex<Cursor>,
    view: Arc<Mutex<View>>,
}

impl Desk {
    pub(super) fn new(office: Office, inputs: Inputs, view: Arc<Mutex<View>>) -> Self {
        let state = inputs.state.clone();
        let county = format!("{} {}", office.address, office.site);
        let outbox = Mutex::new(Outbox::open(&state, &county));
        let (offers, _) = watch::channel(None);
        let (news, ask_anew, cursor) = (Notify::new(), Notify::new(), Mutex::new(Cursor::new()));
        Self { office, inputs, state, offers, news, ask_anew, outbox, cursor, view }
    }

    /// Returns the wall clock and whether it is believed.
    pub(super) fn now(&self) -> (DateTime<Utc>, bool) {
        (self.inputs.now)()
    }

    /// Returns a time that is surely not in the future, as [`crate::trust::Judge::now`] wants it.
    pub(super) fn surely(&self) -> DateTime<Utc> {
        let (now, trusted) = self.now();
        if trusted { now } else { DateTime::UNIX_EPOCH }
    }

    /// Notes what became of something, to be told to the county.
    pub(super) fn note(&self, about: &About, step: Step, reason: &str) {
        let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
        if self.outbox().note(about, step, reason, self.now()) {
            tracing::info!(?about, step = step.as_str(), reason, "from the county");
            self.news.notify_one();
        }
        self.view().receipts = self.outbox().waiting();
    }

    /// Notes what of the county's is in force in the daemon, however it came.
    pub(super) fn note_in_force(&self) {
        let standing = Arc::clone(&self.inputs.standing.borrow());
        for (campaign, held) in &standing.campaigns {
            let (campaign, serial, payload) = (campaign.clone(), held.serial, held.payload);
            self.note(&About::Bundle { campaign, serial, payload }, Step::Active, "");
        }
    }

    /// Notes that the county was spoken with.
    pub(super) fn heard(&self) {
        self.view().last_contact = Some(self.now().0);
    }

    /// Notes how the poll went, which tells whether the county is there.
    pub(super) fn polled(&self, result: Result<(), &Fault>) {
        let mut view = self.view();
        if view.online != result.is_ok() || view.line.is_none() == result.is_err() {
            match result {
                Ok(()) => tracing::info!(county = self.office.address, "the county is there"),
                Err(fault) => tracing::warn!(county = self.office.address, "{}", fault.words()),
            }
        }
        view.online = result.is_ok();
        view.dismissed = result.is_err_and(Fault::is_dismissal);
        view.line = result.err().map(Fault::words);
    }

    /// Notes what keeps a round from its work; none when it is done.
    pub(super) fn worked(&self, result: Result<(), &Fault>) {
        let words = result.err().map(Fault::words);
        let mut view = self.view();
        if let Some(words) = words.as_ref().filter(|words| view.work.as_ref() != Some(*words)) {
            tracing::warn!("{words}");
        }
        view.work = words;
    }

    /// Notes what is being fetched.
    pub(super) fn fetching(&self, what: Option<Words>) {
        self.view().fetching = what;
    }

    pub(super) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cursor(&self) -> MutexGuard<'_, Cursor> {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts failures in a row, and waits after each.
pub(super) struct Patience {
    failures: u32,
    dice: Dice,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { failures: 0, dice: Dice::shaken() }
    }

    /// Begins anew: it went well.
    pub(super) const fn restored(&mut self) {
        self.failures = 0;
    }

    /// Waits after a failure.
    pub(super) async fn after(&mut self, fault: &Fault) {
        // Whom the county dismissed need not ask every other minute.
        let least = if fault.is_dismissal() { 12 } else { 1 };
        self.failures = self.failures.saturating_add(1).max(least);
        tokio::time::sleep(wait(self.failures, self.dice.roll(), fault.asked())).await;
    }
}
