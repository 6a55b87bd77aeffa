//! Asks the kernel how much of a connection has not arrived.

use std::ffi::c_int;
use std::io;
use std::net::TcpStream;

use rustix::ioctl::{Getter, Opcode, ioctl};

/// SIOCOUTQ of Linux on x86, ARM and RISC-V.
const OUTQ: Opcode = 0x5411;

/// Counts the bytes that the other machine has not acknowledged.
pub(super) fn unsent(stream: &TcpStream) -> io::Result<u64> {
    // SAFETY: this request reads nothing and writes one `int`.
    let bytes: c_int = unsafe { ioctl(stream, Getter::<OUTQ, c_int>::new()) }?;
    Ok(u64::try_from(bytes).unwrap_or_default())
}
