//! Carries what was signed to the county's server. Signatures speak for themselves, so it needs no other proof.

use std::time::Duration;

use ureq::Agent;

use crate::model::Words;
use crate::wire::Refused;

/// Time until somebody answers.
const CONNECTING: Duration = Duration::from_secs(10);

/// Time for the whole errand of something small.
const ALL: Duration = Duration::from_secs(30);

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Posts `bytes` to `path` (one of [`crate::wire`]) below `server`, such as `https://county.example`. The error says why not.
pub fn post(server: &str, path: &str, bytes: &[u8]) -> Result<(), Words> {
    let limits = Agent::config_builder()
        .timeout_connect(Some(CONNECTING))
        .timeout_global(Some(ALL))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("dalaba/", env!("CARGO_PKG_VERSION")));
    let agent: Agent = limits.build().into();
    let url = format!("{}{path}", server.trim_end_matches('/'));
    let unreachable = |error: ureq::Error| {
        Words::new(format!("连不上 {url}：{error}"), format!("{url} cannot be reached: {error}"))
    };
    let mut answer = agent.post(&url).content_type("application/json").send(bytes).map_err(unreachable)?;
    if answer.status().is_success() {
        return Ok(());
    }
    let status = answer.status();
    let text = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().unwrap_or_default();
    Err(serde_json::from_str::<Refused>(&text).map_or_else(
        |_| Words::new(format!("服务器答复 {status}"), format!("the server answered {status}")),
        |refused| Words::new(refused.zh, refused.en),
    ))
}
