//! Asks the kernel how much of a connection has not arrived.

use std::ffi::c_int;
use std::io;
use std::net::TcpStream;

use rustix::ioctl::{Getter, Opcode, ioctl};

/// Counts the bytes that the other machine has not acknowledged.
pub(super) fn unsent(stream: &TcpStream) -> io::Result<u64> {
    const OUTQ: Opcode = libc::TIOCOUTQ as Opcode;
    // SAFETY: this request reads nothing and writes one `int`; on a TCP socket it is SIOCOUTQ, which has the same number.
    let bytes: c_int = unsafe { ioctl(stream, Getter::<OUTQ, c_int>::new()) }?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}
