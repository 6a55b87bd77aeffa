//! Fetches a pack from a web server, within limits of time; of size, the taking side has some.

use std::io::Read;
use std::time::Duration;

use ureq::Agent;

use super::source::Taking;
use super::{InstallFault, archive};
use crate::speech::engine::kokoro::Item;

/// Time until somebody answers.
const CONNECTING: Duration = Duration::from_secs(20);

/// Time for the first byte.
const ANSWERING: Duration = Duration::from_mins(1);

/// Time for one file: the model over a line of 20 kB a second takes 77 minutes.
const ONE_FILE: Duration = Duration::from_hours(2);

/// Fetches `items` from below `address`, or the tar file that it names.
pub(super) fn deliver(address: &str, items: &[&Item], take: &mut Taking<'_>) -> Result<(), InstallFault> {
    let agent = agent();
    if is_archive(address) {
        return archive::deliver(&mut get(&agent, address)?, items, take);
    }
    items.iter().try_for_each(|item| take(item, &mut get(&agent, &format!("{address}/{}", item.path))?))
}

fn is_archive(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("tar"))
}

/// Proxies are taken from the variables that every program takes them from.
fn agent() -> Agent {
    let limits = Agent::config_builder()
        .timeout_connect(Some(CONNECTING))
        .timeout_recv_response(Some(ANSWERING))
        .timeout_recv_body(Some(ONE_FILE))
        .max_redirects(5)
        .user_agent(concat!("dalaba/", env!("CARGO_PKG_VERSION")));
    limits.build().into()
}

fn get(agent: &Agent, url: &str) -> Result<impl Read + use<>, InstallFault> {
    let answer = agent.get(url).call();
    let answer =
        answer.map_err(|error| InstallFault::Unreachable { url: url.to_owned(), why: error.to_string() })?;
    Ok(answer.into_body().into_reader())
}
