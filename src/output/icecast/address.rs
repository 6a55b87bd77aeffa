//! The address of a stream: where the server is, whether it speaks TLS, and the mount point.

use super::IcecastFault;

/// Where the stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) tls: bool,
    /// A name or an IP address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Begins with a slash.
    pub(super) mount: String,
}

impl Address {
    /// Reads `http://host:port/mount` or `https://…`.
    pub(super) fn read(url: &str) -> Result<Self, IcecastFault> {
        let wrong = |why| IcecastFault::Address { url: url.to_owned(), why };
        // Before anything is repeated: a complaint must not show a password.
        if url.contains('@') {
            return Err(IcecastFault::Secret);
        }
        let (tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(wrong("it begins with neither http:// nor https://")),
        };
        let (server, mount) = rest.split_once('/').ok_or_else(|| wrong("the mount point is missing"))?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\".contains(&byte);
        if mount.is_empty() || !mount.bytes().all(is_plain) {
            return Err(wrong("the mount point is not plain"));
        }
        let (host, port) = host_and_port(server).ok_or_else(|| wrong("its host or port is wrong"))?;
        let port = match port {
            None => {
                if tls {
                    443
                } else {
                    80
                }
            }
            Some(port) => port.parse().map_err(|_| wrong("the port is no number up to 65535"))?,
        };
        Ok(Self { tls, host: host.to_owned(), port, mount: format!("/{mount}") })
    }

    /// Returns host and port, as in the `Host` header.
    pub(super) fn server(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// Splits `host:port`, `[::1]:port` or either without a port.
fn host_and_port(server: &str) -> Option<(&str, Option<&str>)> {
    let (host, rest) = match server.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => server.split_at(server.find(':').unwrap_or(server.len())),
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte);
    let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
    (!host.is_empty() && host.bytes().all(is_host)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_server_port_and_mount() {
        let read = |url| Address::read(url).map(|a| (a.tls, a.server(), a.mount)).unwrap();
        assert_eq!(read("http://127.0.0.1:8000/v.ogg"), (false, "127.0.0.1:8000".into(), "/v.ogg".into()));
        assert_eq!(read("https://a.cn/x/y"), (true, "a.cn:443".into(), "/x/y".into()));
        assert_eq!(read("http://[::1]:81/x"), (false, "[::1]:81".into(), "/x".into()));
    }

    #[test]
    fn a_mistake_is_named_and_a_password_is_never_repeated() {
        for url in [
            "ftp://a/b",
            "http://a",
            "http://a/",
            "http:///x",
            "http://a:b/x",
            "http://a:99999/x",
            "http://a/x y",
            "http://a/x?y",
            "http://a/x\r\nB: c",
            "http://a\r\n/x",
            "http://[::1/x",
            "http://a/村",
            "a.cn/x",
        ] {
            assert!(matches!(Address::read(url), Err(IcecastFault::Address { .. })), "{url}");
        }
        let fault = Address::read("http://source:hackme@a/x").unwrap_err();
        assert!(!format!("{fault:?} {fault} {}", fault.zh()).contains("hackme"));
    }
}
