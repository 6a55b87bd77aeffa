//! How to listen, written down (RFC 8866): for a file, and for announcements.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::options::Options;
use crate::output::OutputFault;

/// Describes the stream to `to`, sent from `from`.
///
/// A dozen lines of one form, which never come in: no library is needed to write them.
pub(super) fn describe(options: &Options, to: SocketAddrV4, from: Ipv4Addr) -> String {
    let coding = options.coding;
    let (ip, port) = (to.ip(), to.port());
    let reach = if ip.is_multicast() { format!("/{}", options.ttl(*ip)) } else { String::new() };
    let body = format!(
        "s={}\r\nc=IN IP4 {ip}{reach}\r\nt=0 0\r\na=type:broadcast\r\na=recvonly\r\n\
         m=audio {port} RTP/AVP {}\r\na=rtpmap:{} {}/{}/1\r\na=ptime:{}\r\n",
        options.title,
        coding.payload,
        coding.payload,
        coding.named,
        coding.clock,
        milliseconds(options),
    );
    // One that changes has another version; one that does not is the same after every start.
    let session = (u64::from(ip.to_bits()) << 16) + u64::from(port);
    format!("v=0\r\no=- {session} {} IN IP4 {from}\r\n{body}", number(&body))
}

/// Writes the packet time as SDP has it: milliseconds, with a fraction only where there is one.
fn milliseconds(options: &Options) -> String {
    let micros = options.packet_time.as_micros();
    let mut text = (micros / 1000).to_string();
    if !micros.is_multiple_of(1000) {
        // Writing into a string cannot fail.
        let _ = write!(text, ".{:03}", micros % 1000);
    }
    text
}

/// Draws a number out of a text: another text has another, all but surely.
pub(super) fn number(text: &str) -> u32 {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(text.as_bytes()));
    u32::from_be_bytes([a, b, c, d])
}

/// Puts the description into its file, whole or not at all; leaves a file alone that says the same.
pub(super) fn write(path: PathBuf, text: &str) -> Result<(), OutputFault> {
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    replace(&path, text).map_err(|source| OutputFault::File { path, source })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().permissions(readable()).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Players of other accounts read it: there is nothing secret in it.
fn readable() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}
