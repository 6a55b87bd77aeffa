//! What we tell the service manager: ready, reloading, stopping, how it goes, and that we live.
//!
//! Started by hand there is no manager; then every word here goes nowhere, at no cost.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

/// Feeds in one watchdog interval: one word lost, and one late judgement, must not kill a healthy daemon.
const FEEDS: u32 = 3;

/// Says that the daemon airs what falls due from now on, with a line for `systemctl status`.
pub fn ready(line: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&one_line(line))]);
}

/// Says that files are being read again; [`ready`] must follow.
///
/// `Type=notify-reload` tells this reload from an older one by the steady clock.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the steady clock cannot be read"),
    }
}

/// Says that the daemon closes its records and goes.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says how it goes, on the line that `systemctl status` shows.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(&one_line(line))]);
}

/// Returns the watchdog's interval; `None` when the manager has set none for this process.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|interval| !interval.is_zero())
}

/// Feeds the watchdog for as long as `alive` says so, a few times in its interval. Never returns.
///
/// `alive` is asked before each feed and must only look, not wait. Once it says no, the manager will end us and start
/// us again, unless it says yes in time. Without a watchdog this sleeps for ever and wakes nobody.
pub async fn keep_fed(mut alive: impl FnMut() -> bool) {
    let Some(limit) = watchdog() else { return std::future::pending().await };
    let mut beat = interval(limit / FEEDS);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if alive() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn tell(words: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(words) {
        tracing::warn!(%error, "the service manager does not listen");
    }
}

/// A line end would begin another word of the protocol.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
