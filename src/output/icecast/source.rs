//! Asks the server for the mount point, as source clients of Icecast 2.4 and later do.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use super::IcecastFault;
use super::address::Address;
use super::wire::Wire;

/// Longest first lines and headers that the server may answer with, bytes.
const LONGEST_ANSWER: usize = 8_192;

/// Longest password, bytes.
const LONGEST_PASSWORD: u64 = 1_024;

/// Characters of the server's first line that people are shown.
const SHOWN: usize = 100;

/// What the server is told of the stream.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) user: String,
    pub(super) password_file: PathBuf,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) genre: Option<String>,
    pub(super) public: bool,
}

/// Asks for the mount point, and returns when the server wants the sound.
pub(super) fn ask(wire: &mut Wire, address: &Address, about: &About) -> Result<(), IcecastFault> {
    let request = request(address, about)?;
    let fault = |source| IcecastFault::Connection { server: address.server(), source };
    wire.write_all(request.as_bytes()).and_then(|()| wire.flush()).map_err(fault)?;
    let answer = first_line(wire).map_err(fault)?;
    let (server, mount) = (address.server(), address.mount.clone());
    match answer.split_whitespace().nth(1) {
        // "Continue" is the answer to our expectation; older servers say that all is well.
        Some("100" | "200") => Ok(()),
        Some("401") => Err(IcecastFault::Stranger { server, mount }),
        _ => {
            let answer = answer.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
            Err(IcecastFault::Refused { server, mount, answer })
        }
    }
}

fn request(address: &Address, about: &About) -> Result<String, IcecastFault> {
    let password = password(&about.password_file)?;
    let credentials = BASE64.encode(format!("{}:{password}", about.user).as_bytes());
    let mut lines = vec![
        format!("PUT {} HTTP/1.1", address.mount),
        format!("Host: {}", address.server()),
        format!("Authorization: Basic {credentials}"),
        format!("User-Agent: dalaba/{}", env!("CARGO_PKG_VERSION")),
        "Content-Type: audio/ogg".to_owned(),
        format!("Ice-Public: {}", u8::from(about.public)),
    ];
    let texts =
        [("Ice-Name", &about.name), ("Ice-Description", &about.description), ("Ice-Genre", &about.genre)];
    for (header, text) in texts {
        // A line break would be a header of its own.
        let text = text.as_deref().map(|text| text.replace(char::is_control, " "));
        lines.extend(text.map(|text| format!("{header}: {text}")));
    }
    // No length and not in chunks: the sound itself follows, until the connection ends. Icecast 2.4 knows no other way.
    lines.push("Expect: 100-continue\r\n\r\n".to_owned());
    Ok(lines.join("\r\n"))
}

/// Reads the password, anew each time: it may have been changed.
fn password(path: &Path) -> Result<String, IcecastFault> {
    let fault = |source| IcecastFault::Password { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(LONGEST_PASSWORD).read_to_string(&mut text)).map_err(fault)?;
    let first = text.lines().next().unwrap_or_default().trim_end();
    if first.is_empty() {
        return Err(IcecastFault::NoPassword(path.to_owned()));
    }
    Ok(first.to_owned())
}

/// Reads the answer's head to its end and returns its first line.
fn first_line(wire: &mut Wire) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    // One at a time: whatever follows the head is not ours to take. It is short, and comes once.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_ANSWER {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if wire.read(&mut byte)? == 0 {
            break;
        }
        head.push(byte[0]);
    }
    if head.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
}
