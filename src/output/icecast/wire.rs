//! The connection to the server, plain or by TLS: bounded in time, and counted to the last byte that arrived.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt::set_tcp_user_timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::IcecastFault;
use super::address::Address;
use super::unsent::unsent;
use crate::output::pace;

/// How long one address of the server may take to answer; a name may have several.
const CONNECTS: Duration = Duration::from_secs(2);

/// How long the network may take to acknowledge anything before the connection is given up, milliseconds.
const UNACKNOWLEDGED: u32 = 1_800;

/// How long a write may wait once the stream goes on; the next attempt follows at once.
const WRITES: Duration = Duration::from_millis(20);

/// Largest file of certificates, bytes.
const MOST_CERTIFICATES: u64 = 1 << 20;

/// A connection.
pub(super) enum Wire {
    Plain(Counted),
    Tls(Box<StreamOwned<ClientConnection, Counted>>),
}

/// A socket that counts what it took, and keeps to a deadline.
pub(super) struct Counted {
    stream: TcpStream,
    written: u64,
    /// By [`pace::now`]; none once the stream goes on.
    deadline: Option<Duration>,
}

impl Wire {
    /// Connects; all that is done before [`Wire::streams`] has to be done by `deadline`.
    pub(super) fn connect(
        address: &Address,
        certificate: Option<&Path>,
        deadline: Duration,
    ) -> Result<Self, IcecastFault> {
        let fault = |source| IcecastFault::Connection { server: address.server(), source };
        let stream = reach(address, deadline).map_err(fault)?;
        // Blocks are small, and each is worth hearing now.
        stream.set_nodelay(true).map_err(fault)?;
        set_tcp_user_timeout(&stream, UNACKNOWLEDGED).map_err(|error| fault(error.into()))?;
        let stream = Counted { stream, written: 0, deadline: Some(deadline) };
        if !address.tls {
            return Ok(Self::Plain(stream));
        }
        let name =
            ServerName::try_from(address.host.clone()).map_err(|error| fault(io::Error::other(error)))?;
        let config = trust(certificate)?;
        let session = ClientConnection::new(config, name).map_err(|error| fault(io::Error::other(error)))?;
        Ok(Self::Tls(Box::new(StreamOwned::new(session, stream))))
    }

    fn counted(&mut self) -> &mut Counted {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(session) => &mut session.sock,
        }
    }

    /// Ends the deadline: from now on writes wait 20 ms at the most.
    pub(super) fn streams(&mut self) -> io::Result<()> {
        let counted = self.counted();
        counted.deadline = None;
        counted.stream.set_write_timeout(Some(WRITES))
    }

    /// Counts the bytes given to the network since the beginning.
    pub(super) fn written(&mut self) -> u64 {
        self.counted().written
    }

    /// Counts the bytes that the server's machine has acknowledged.
    pub(super) fn arrived(&mut self) -> io::Result<u64> {
        let counted = self.counted();
        Ok(counted.written.saturating_sub(unsent(&counted.stream)?))
    }

    /// Says goodbye and waits a moment for the server's, until `deadline`.
    pub(super) fn close(&mut self, deadline: Duration) {
        self.counted().deadline = Some(deadline);
        if let Self::Tls(session) = self {
            session.conn.send_close_notify();
            // The stream is over; whoever cannot be told so finds out.
            let _ = session.flush();
        }
        let counted = self.counted();
        let _ = counted.stream.shutdown(Shutdown::Write);
        // What is not read would make the kernel break the connection off, and the last page be thrown away.
        let mut rest = [0; 1_024];
        while counted.read(&mut rest).is_ok_and(|count| count > 0) {}
    }
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(bytes),
            Self::Tls(session) => session.read(bytes),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(session) => session.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(session) => session.flush(),
        }
    }
}

impl Counted {
    /// Returns what is left of the deadline.
    fn left(&self) -> io::Result<Option<Duration>> {
        let Some(deadline) = self.deadline else { return Ok(None) };
        let left = deadline.saturating_sub(pace::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Counted {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_read_timeout(Some(left))?;
        }
        self.stream.read(bytes)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_write_timeout(Some(left))?;
        }
        let count = self.stream.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Connects to the first address of the server that answers.
fn reach(address: &Address, deadline: Duration) -> io::Result<TcpStream> {
    let mut fault = io::Error::from(io::ErrorKind::NotFound);
    for place in (address.host.as_str(), address.port).to_socket_addrs()? {
        let left = deadline.saturating_sub(pace::now()).min(CONNECTS);
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(&place, left) {
            Ok(stream) => return Ok(stream),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

/// Believes the authorities that everybody knows, and those of the file.
fn trust(certificate: Option<&Path>) -> Result<Arc<ClientConfig>, IcecastFault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = certificate {
        let fault = |why: String| IcecastFault::Certificate { path: path.to_owned(), why };
        let mut pem = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(MOST_CERTIFICATES).read_to_end(&mut pem));
        read.map_err(|error| fault(error.to_string()))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(fault("no certificate in PEM".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| IcecastFault::Encoder(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
