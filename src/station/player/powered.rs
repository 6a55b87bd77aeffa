//! Sound waits for its amplifier: the first sample goes out when it is due and when it is heard, whichever is later.

use std::time::Duration;

use super::Command;
use super::cue::Cue;
use super::worker::Worker;
use crate::relay::Readiness;
use crate::station::clock;

/// How often the amplifier is asked whether it is on.
const ASK_EVERY: Duration = Duration::from_millis(10);

impl Worker {
    /// Waits until it is known from when on the station's amplifier is heard, and puts the start off until then.
    /// Returns the first order that takes the clip back.
    ///
    /// After the amplifier's patience sound goes out without it.
    pub(super) fn when_powered(&mut self, cue: Option<Cue>) -> Result<Option<Cue>, Command> {
        let Some(amplifier) = self.amplifier.clone() else { return Ok(cue) };
        let begun = clock::steady();
        let patience = amplifier.patience();
        loop {
            let now = clock::steady();
            match amplifier.readiness() {
                Readiness::From(ready) if ready > now => {
                    let put_off = |cue: Cue| cue.not_before(ready);
                    return Ok(Some(cue.map_or_else(|| Cue::at_steady(ready), put_off)));
                }
                Readiness::From(_) => return Ok(cue),
                Readiness::Waiting if now.saturating_sub(begun) >= patience => return Ok(cue),
                Readiness::Waiting => {}
            }
            if let Some(order) = self.order_before(now + ASK_EVERY) {
                return Err(order);
            }
        }
    }
}
