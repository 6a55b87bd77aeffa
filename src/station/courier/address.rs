//! Where the county is: an address that a person typed, taken apart.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hyper::Uri;

/// The county's address: `https://county.example.cn:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub(super) secure: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// What stands before every path; empty if nothing does.
    base: String,
}

/// Says why a text is no address of a county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It does not look like one.
    #[error("not an address such as https://county.example.cn")]
    Malformed,
    /// Plain HTTP leaves a token lying about on the network.
    #[error("an address begins with https://; http:// is for this very machine only")]
    Plain,
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let uri: Uri = text.trim().parse().map_err(|_| NoAddress::Malformed)?;
        let authority = uri.authority().ok_or(NoAddress::Malformed)?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(NoAddress::Malformed);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_here(&host) => false,
            Some("http") => return Err(NoAddress::Plain),
            _ => return Err(NoAddress::Malformed),
        };
        if host.is_empty() {
            return Err(NoAddress::Malformed);
        }
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { secure, host, port, base: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Address {
    /// Returns the path to ask for.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Returns what the header `Host` says.
    pub(super) fn host_header(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.secure { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host_header(), self.base)
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_type_it_and_written_back() {
        for (typed, written, path) in [
            ("https://county.example.cn", "https://county.example.cn", "/v1/offers"),
            ("https://county.example.cn:8443/", "https://county.example.cn:8443", "/v1/offers"),
            (" https://10.0.0.1:443/dalaba/ ", "https://10.0.0.1/dalaba", "/dalaba/v1/offers"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "/v1/offers"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "/v1/offers"),
        ] {
            let address: Address = typed.parse().unwrap();
            assert_eq!((address.to_string().as_str(), address.path("/v1/offers").as_str()), (written, path));
        }
        for typed in ["", "county.example.cn", "ftp://county", "https://", "https://a@b", "https://a?b"] {
            assert_eq!(typed.parse::<Address>(), Err(NoAddress::Malformed), "{typed}");
        }
        for typed in ["http://county.example.cn", "http://10.0.0.1"] {
            assert_eq!(typed.parse::<Address>(), Err(NoAddress::Plain), "{typed}");
        }
    }
}
