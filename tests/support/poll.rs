//! Waiting for a condition of another process, which can only be asked again and again.

use std::sync::mpsc;
use std::time::Duration;

use dalaba::station::clock;

/// Asks `ready` every 10 ms until it answers; panics with `what` after `deadline`.
pub(crate) fn until<T>(what: &str, deadline: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = clock::steady() + deadline;
    // Nothing is ever sent: a timer that cannot be mistaken for waiting for luck.
    let (_never, timer) = mpsc::channel::<()>();
    loop {
        if let Some(answer) = ready() {
            return answer;
        }
        assert!(clock::steady() < end, "{what} did not happen within {deadline:?}");
        let _ = timer.recv_timeout(Duration::from_millis(10));
    }
}

/// Lets sound go on for a while: here the passing of time is itself the thing to be waited for.
pub(crate) fn pass(time: Duration) {
    let end = clock::steady() + time;
    until("the end of a span of time", time * 2 + Duration::from_secs(1), || {
        (clock::steady() >= end).then_some(())
    });
}
