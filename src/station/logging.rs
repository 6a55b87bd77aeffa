//! Where the log goes: to the journal when we run under it, to standard error otherwise.

use std::env;
use std::io::{self, IsTerminal};

use rustix::fs::fstat;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Names the variable that says what is logged, such as `debug` or `dalaba::station=trace`.
pub const VARIABLE: &str = "DALABA_LOG";

/// What others log of their inner life; a recording with a hundred odd frames must not fill the journal.
const QUIETER: [&str; 3] = ["symphonia=error", "cpal=warn", "notify=warn"];

/// Starts logging for this process, what libraries log through `log` included. A second call changes nothing.
///
/// Who has the screen before them sees there what goes well; the log then only tells what does not.
pub fn start(screen: bool) {
    let usual = if screen { "warn" } else { "info" };
    // Fails only when somebody has begun to listen already, a test for one.
    let _ = listener(env::var(VARIABLE).ok().as_deref(), usual).try_init();
}

fn listener(wanted: Option<&str>, usual: &str) -> Dispatch {
    let base = tracing_subscriber::registry().with(filter(wanted, usual));
    match journal() {
        Some(journal) => Dispatch::new(base.with(journal)),
        None => Dispatch::new(base.with(stderr())),
    }
}

/// Reads the variable; what cannot be understood in it is skipped, and `info` stands when nothing is left. Without the
/// variable, `usual` is logged.
fn filter(wanted: Option<&str>, usual: &str) -> EnvFilter {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    match wanted.filter(|wanted| !wanted.trim().is_empty()) {
        Some(wanted) => builder.parse_lossy(wanted),
        None => builder.parse_lossy(format!("{usual},{}", QUIETER.join(","))),
    }
}

/// Opens the journal when standard error leads there: then the fields go with the text.
fn journal() -> Option<tracing_journald::Layer> {
    under_journal().then(tracing_journald::layer).and_then(Result::ok)
}

/// Tells whether standard error is the stream that systemd connected to the journal.
fn under_journal() -> bool {
    let Ok(stream) = env::var("JOURNAL_STREAM") else { return false };
    let Ok(stderr) = fstat(io::stderr()) else { return false };
    stream == format!("{}:{}", stderr.st_dev, stderr.st_ino)
}

fn stderr<S>() -> impl tracing_subscriber::Layer<S> + Send + Sync
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).with_target(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_wish_we_are_told_what_matters_and_libraries_what_is_wrong() {
        let filter = filter(None, "info").to_string();
        assert!(filter.contains("symphonia=error"), "{filter}");
        assert!(filter.split(',').any(|part| part == "info"), "{filter}");
    }

    #[test]
    fn a_wish_that_makes_no_sense_leaves_the_log_on() {
        assert_eq!(filter(Some("!!nonsense=="), "info").max_level_hint(), Some(LevelFilter::INFO));
        assert_eq!(filter(Some("debug"), "info").max_level_hint(), Some(LevelFilter::DEBUG));
    }
}
