//! A village's network and the horns on it, each host in a network of its own; only root may make them.

use std::fs::File;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rustix::process::geteuid;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use socket2::{Domain, Protocol, Socket, Type};

/// Networks that this process has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The village's interface.
pub(super) const INTERFACE: &str = "lan0";

/// The village and its horns on one switch; gone when dropped.
pub(super) struct Lan {
    /// The village first.
    hosts: Vec<String>,
}

fn ip(words: &[&str]) {
    let output = Command::new("ip").args(words).output().unwrap();
    assert!(output.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Lan {
    /// Makes a village with so many horns; none, and says so, if we may not.
    pub(super) fn make(horns: u8) -> Option<Self> {
        if !geteuid().is_root() {
            println!("only root may make networks");
            return None;
        }
        let unique = format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let mut lan = Self { hosts: Vec::new() };
        let village = lan.host(format!("dalaba-rtp-{unique}-v"));
        ip(&["-n", &village, "link", "add", INTERFACE, "type", "bridge", "mcast_snooping", "0"]);
        ip(&["-n", &village, "address", "add", "10.214.0.1/24", "dev", INTERFACE]);
        ip(&["-n", &village, "link", "set", INTERFACE, "up"]);
        for number in 1..=horns {
            let horn = lan.host(format!("dalaba-rtp-{unique}-{number}"));
            let plug = format!("horn{number}");
            ip(&[
                "-n", &village, "link", "add", &plug, "type", "veth", "peer", "name", "eth0", "netns", &horn,
            ]);
            ip(&["-n", &village, "link", "set", &plug, "master", INTERFACE, "up"]);
            ip(&["-n", &horn, "address", "add", &format!("{}/24", Self::address(number)), "dev", "eth0"]);
            ip(&["-n", &horn, "link", "set", "eth0", "up"]);
        }
        Some(lan)
    }

    fn host(&mut self, name: String) -> String {
        ip(&["netns", "add", &name]);
        self.hosts.push(name.clone());
        ip(&["-n", &name, "link", "set", "lo", "up"]);
        name
    }

    /// Returns the address of a horn, counted from 1.
    pub(super) fn address(number: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 214, 0, 10 + number)
    }

    /// Brings this thread, and all that it starts, into the village (0) or to a horn.
    pub(super) fn enter(&self, host: u8) {
        let network = File::open(Path::new("/run/netns").join(&self.hosts[usize::from(host)])).unwrap();
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
    }

    fn at_horn<T: Send>(&self, horn: u8, work: impl FnOnce() -> T + Send) -> T {
        let there = || {
            self.enter(horn);
            work()
        };
        thread::scope(|scope| scope.spawn(there).join().unwrap())
    }

    /// Listens at a horn to an address of multicast.
    pub(super) fn listen(&self, horn: u8, group: Ipv4Addr, port: u16) -> UdpSocket {
        self.at_horn(horn, || {
            let socket = UdpSocket::bind((group, port)).unwrap();
            socket.join_multicast_v4(&group, &Self::address(horn)).unwrap();
            socket
        })
    }

    /// Takes whole packets of UDP at a horn, with the header of IP.
    pub(super) fn tap(&self, horn: u8, groups: &[Ipv4Addr]) -> Socket {
        self.at_horn(horn, || {
            let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)).unwrap();
            for group in groups {
                socket.join_multicast_v4(group, &Self::address(horn)).unwrap();
            }
            socket
        })
    }

    /// Prepares a program that will run in the village, with the village's own view of the system.
    pub(super) fn through(&self) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.hosts[0]]);
        command
    }

    /// Switches an interface of the village on or off.
    pub(super) fn switch(&self, interface: &str, state: &str) {
        ip(&["-n", &self.hosts[0], "link", "set", interface, state]);
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for host in &self.hosts {
            // What is not there cannot be taken away.
            let _ = Command::new("ip").args(["netns", "del", host]).output();
        }
    }
}
