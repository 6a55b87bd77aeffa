//! The way to the receivers: a socket, and the interface that it leaves by.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use super::options::Options;
use crate::output::OutputFault;

/// How long the system may take to accept a packet; it takes microseconds.
const ACCEPT: Duration = Duration::from_millis(500);

/// Largest table of routes that is read: a village has a dozen routes.
const ROUTES: usize = 256;

/// A socket that sends to one address.
pub(super) struct Line {
    socket: Socket,
    to: SocketAddrV4,
    /// The interface it leaves by, as far as it is known.
    interface: Option<String>,
}

impl Line {
    /// Opens the way to `to`; fails when there is none, or when its cable is out.
    pub(super) fn open(options: &Options, to: SocketAddrV4) -> Result<Self, OutputFault> {
        let fault = |source| OutputFault::Network { to, source };
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).map_err(fault)?;
        let interface = match &options.interface {
            Some(name) => {
                socket.bind_device(Some(name.as_bytes())).map_err(|error| unbound(to, name, error))?;
                Some(name.clone())
            }
            None => interface_towards(*to.ip()),
        };
        let ttl = options.ttl(*to.ip());
        socket.set_ttl_v4(ttl).map_err(fault)?;
        socket.set_multicast_ttl_v4(ttl).map_err(fault)?;
        // The class takes the upper six bits.
        socket.set_tos_v4(options.dscp << 2).map_err(fault)?;
        socket.set_write_timeout(Some(ACCEPT)).map_err(fault)?;
        socket.connect(&to.into()).map_err(fault)?;
        let line = Self { socket, to, interface };
        line.check()?;
        Ok(line)
    }

    /// Sends one packet.
    pub(super) fn send(&self, packet: &[u8]) -> Result<(), OutputFault> {
        loop {
            match self.socket.send(packet) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(OutputFault::Network { to: self.to, source }),
            }
        }
    }

    /// Fails when the cable is out: the system takes packets for it as if nothing were wrong.
    pub(super) fn check(&self) -> Result<(), OutputFault> {
        let Some(name) = &self.interface else { return Ok(()) };
        match fs::read_to_string(format!("/sys/class/net/{name}/carrier")) {
            Ok(carrier) if carrier.trim() == "0" => Err(OutputFault::NoCarrier { name: name.clone() }),
            // What is switched off answers with an error of its own.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                Err(OutputFault::NoCarrier { name: name.clone() })
            }
            // One that is gone is told by sending; a tunnel may have no carrier at all.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Returns the address it is sent from.
    pub(super) fn from(&self) -> Option<Ipv4Addr> {
        match self.socket.local_addr().ok()?.as_socket()? {
            SocketAddr::V4(from) => Some(*from.ip()),
            SocketAddr::V6(_) => None,
        }
    }
}

fn unbound(to: SocketAddrV4, name: &str, error: io::Error) -> OutputFault {
    let present: Vec<String> = fs::read_dir("/sys/class/net")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    if error.raw_os_error() == Some(libc::ENODEV) {
        return OutputFault::NoInterface { name: name.to_owned(), present };
    }
    OutputFault::Network { to, source: error }
}

/// Finds the interface to which the table of routes sends `to`.
fn interface_towards(to: Ipv4Addr) -> Option<String> {
    // That of this thread's network, should it have another than its process.
    let routes = fs::read_to_string("/proc/thread-self/net/route").ok()?;
    if to.is_loopback() {
        return None;
    }
    routed(&routes, to)
}

/// Reads the kernel's table: name, destination, gateway, flags, …, mask as the eighth; numbers as they lie in memory.
fn routed(routes: &str, to: Ipv4Addr) -> Option<String> {
    let to = u32::from_ne_bytes(to.octets());
    routes
        .lines()
        .skip(1)
        .take(ROUTES)
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let number = |at: usize| u32::from_str_radix(columns.get(at)?, 16).ok();
            let (destination, mask) = (number(1)?, number(7)?);
            let metric: u32 = columns.get(6)?.parse().ok()?;
            (to & mask == destination).then(|| (mask.count_ones(), u32::MAX - metric, columns[0].to_owned()))
        })
        .max()
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_that_of_the_narrowest_route() {
        let table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
            wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
            eth1\t000000EF\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n";
        let towards = |to: [u8; 4]| routed(table, Ipv4Addr::from(to));
        assert_eq!(towards([239, 1, 2, 3]).as_deref(), Some("eth1"));
        assert_eq!(towards([192, 168, 1, 50]).as_deref(), Some("eth0"));
        assert_eq!(routed("Iface\n", Ipv4Addr::new(10, 0, 0, 1)), None);
    }
}
