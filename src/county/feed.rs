//! Feeds of other offices: an address → what lies there, within limits of size, time and place.
//!
//! Nobody is led astray: no redirect is followed, no link to another host unless somebody allowed that host, and nothing but
//! https leaves the machine.

use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ureq::Agent;
use ureq::http::{Response, Uri};

use crate::cap::LARGEST;
use crate::model::Words;

/// Longest mark of a version that is kept, in bytes.
const LONGEST_MARK: usize = 200;

/// By what a server tells whether something has changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub modified: Option<String>,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing has changed since.
    Same,
    /// What lies there now; one byte more than a warning may have tells that there is more.
    New(Vec<u8>, Marks),
}

/// Says why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FeedFault {
    /// No address that may be asked.
    #[error("{0}: not an https address (http is for this machine only)")]
    Address(String),
    /// A host that nobody allowed.
    #[error("{0} is on another host; --allow {1} lets it be fetched")]
    Foreign(String, String),
    /// It leads elsewhere.
    #[error("it was moved to {0}: nobody follows by itself, give that address if it is right")]
    Moved(String),
    /// An answer that is none.
    #[error("the server answered {0}")]
    Status(u16),
    /// Nobody answered in time.
    #[error("{0}")]
    Unreachable(String),
}

/// Fetches a feed, and what it links to.
pub struct Feed {
    agent: Agent,
    address: Uri,
    allowed: Vec<String>,
}

impl Feed {
    /// Prepares to fetch `address`, and what it links to on its own host and on those `allowed`. Each answer is whole within
    /// `time`, or counts as none.
    pub fn new(address: &str, allowed: Vec<String>, time: Duration) -> Result<Self, FeedFault> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(time))
            .user_agent(concat!("dalaba/", env!("CARGO_PKG_VERSION")));
        Ok(Self { agent: agent.build().into(), address: parsed(address)?, allowed })
    }

    /// Fetches the feed itself, unless it is as `marks` tell.
    pub fn fetch(&self, marks: &Marks) -> Result<Fetched, FeedFault> {
        self.get(&self.address, marks)
    }

    /// Fetches what the feed links to with `href`.
    pub fn follow(&self, href: &str) -> Result<Vec<u8>, FeedFault> {
        let address = parsed(&resolved(&self.address, href))?;
        let (host, authority) = (host(&address), address.authority().map(ToString::to_string));
        let same =
            address.scheme() == self.address.scheme() && address.authority() == self.address.authority();
        let is =
            |allowed: &String| allowed.eq_ignore_ascii_case(&host) || Some(allowed) == authority.as_ref();
        if !same && !self.allowed.iter().any(is) {
            return Err(FeedFault::Foreign(address.to_string(), host));
        }
        match self.get(&address, &Marks::default())? {
            Fetched::New(bytes, _) => Ok(bytes),
            Fetched::Same => Err(FeedFault::Status(304)),
        }
    }

    fn get(&self, address: &Uri, marks: &Marks) -> Result<Fetched, FeedFault> {
        let mut request = self.agent.get(address);
        if let Some(etag) = &marks.etag {
            request = request.header("if-none-match", etag);
        }
        if let Some(modified) = &marks.modified {
            request = request.header("if-modified-since", modified);
        }
        let unreachable = |error: String| FeedFault::Unreachable(error);
        let answer = request.call().map_err(|error| unreachable(error.to_string()))?;
        match answer.status().as_u16() {
            304 => return Ok(Fetched::Same),
            200 => {}
            300..=399 => return Err(FeedFault::Moved(mark(&answer, "location").unwrap_or_default())),
            status => return Err(FeedFault::Status(status)),
        }
        let marks = Marks { etag: mark(&answer, "etag"), modified: mark(&answer, "last-modified") };
        let mut bytes = Vec::new();
        let body = answer.into_body().into_reader().take(LARGEST as u64 + 1).read_to_end(&mut bytes);
        body.map_err(|error| unreachable(error.to_string()))?;
        Ok(Fetched::New(bytes, marks))
    }
}

impl FeedFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Address(address) => format!("{address} 不是 https 地址（http 只能用于本机）"),
            Self::Foreign(address, host) => format!("{address} 在别的主机上；要取就写 --allow {host}"),
            Self::Moved(to) => format!("已经搬到 {to}：程序不自己跟过去，确认以后请写新地址"),
            Self::Status(status) => format!("服务器答复 {status}"),
            Self::Unreachable(why) => format!("取不到：{why}"),
        };
        Words::new(zh, self.to_string())
    }
}

fn mark<T>(answer: &Response<T>, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?.to_str().ok()?;
    (value.len() <= LONGEST_MARK).then(|| value.to_owned())
}

/// Reads an address that may be asked: https, or http on this machine; never with a name or a password in it.
fn parsed(address: &str) -> Result<Uri, FeedFault> {
    let uri = address.parse::<Uri>().ok().filter(|uri| {
        let bare = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        let fine = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_here(&host(uri)),
            _ => false,
        };
        bare && fine
    });
    uri.ok_or_else(|| FeedFault::Address(address.to_owned()))
}

fn host(uri: &Uri) -> String {
    uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Returns the address that a link of the feed at `base` means.
fn resolved(base: &Uri, href: &str) -> String {
    let (scheme, authority) = (base.scheme_str().unwrap_or_default(), base.authority());
    let authority = authority.map(ToString::to_string).unwrap_or_default();
    if href.contains("://") {
        href.to_owned()
    } else if href.starts_with("//") {
        format!("{scheme}:{href}")
    } else if href.starts_with('/') {
        format!("{scheme}://{authority}{href}")
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{href}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_https_leaves_the_machine() {
        for good in [
            "https://cap.example/feed.atom",
            "http://127.0.0.1:8080/f",
            "http://[::1]/f",
            "http://localhost/f",
        ] {
            assert!(parsed(good).is_ok(), "{good}");
        }
        for bad in [
            "http://cap.example/f",
            "file:///etc/passwd",
            "https://a:b@cap.example/",
            "ftp://cap.example/",
            "/f",
            "",
        ] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_link_is_followed_on_the_feeds_own_host_only() {
        let feed = |allowed: &[&str]| {
            let allowed = allowed.iter().map(ToString::to_string).collect();
            Feed::new("https://cap.example/a/feed.atom", allowed, Duration::from_millis(1)).ok().unwrap()
        };
        for href in [
            "https://other.example/x",
            "//other.example/x",
            "https://cap.example:8443/x",
            "https://cap.example.evil/x",
        ] {
            assert!(matches!(feed(&[]).follow(href), Err(FeedFault::Foreign(..))), "{href}");
        }
        assert!(matches!(
            feed(&["other.example"]).follow("http://other.example/x"),
            Err(FeedFault::Address(_))
        ));
        let base: Uri = "https://cap.example/a/feed.atom".parse().unwrap();
        for (href, meant) in [
            ("x.xml", "https://cap.example/a/x.xml"),
            ("/x", "https://cap.example/x"),
            ("//b/x", "https://b/x"),
        ] {
            assert_eq!(resolved(&base, href), meant);
        }
    }
}
