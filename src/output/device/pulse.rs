//! PulseAudio sinks, and the sources that microphones are: which are there, and when one goes away.
//!
//! When a sink goes away PulseAudio moves its streams to another one, and the message would sound on the wrong
//! loudspeaker. It can be told not to, but not through cpal; so we watch, and close the stream within milliseconds.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::io::BufReader;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pulseaudio::protocol::{
    self, Command, Prop, ProtocolError, SinkInfo, SourceInfo, SubscriptionEventFacility,
    SubscriptionEventType, SubscriptionMask,
};
use rodio::cpal::traits::{DeviceTrait, HostTrait};
use rodio::cpal::{self, HostId};

use super::name::Name;
use super::open::refused;
use crate::output::OutputFault;

/// How long the server may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// The connections of this process that carry sound, one for each sink, made again when the server was gone.
///
/// Not one for all: cpal gives all streams of a connection the same synchronisation id, and the server refuses such
/// streams on different sinks. Not one for each opening: cpal leaves a thread and a socket behind.
static HOSTS: Mutex<BTreeMap<String, Arc<cpal::Host>>> = Mutex::new(BTreeMap::new());

/// Finds the sink, or the source, as a device of cpal.
pub(super) fn device(name: &Name, sink: &str) -> Result<cpal::Device, OutputFault> {
    let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut devices = hosts.get(sink).and_then(|host| host.devices().ok());
    if devices.is_none() {
        hosts.remove(sink);
        let host = cpal::host_from_id(HostId::PulseAudio).map_err(|error| refused(name, error))?;
        devices = Some(host.devices().map_err(|error| refused(name, error))?);
        hosts.insert(sink.to_owned(), Arc::new(host));
    }
    let id = cpal::DeviceId::new(HostId::PulseAudio, sink);
    let found = devices.into_iter().flatten().find(|device| device.id().is_ok_and(|found| found == id));
    found.ok_or_else(|| OutputFault::Absent { name: name.written(), present: Vec::new() })
}

/// A sink or a source that is present, and a connection of its own to the server.
pub(super) struct Present {
    wire: Wire,
    index: u32,
    facility: SubscriptionEventFacility,
}

impl Present {
    /// Asks the server for the sink.
    pub(super) fn sink(sink: &str) -> Result<Self, OutputFault> {
        let name = Name::Pulse(sink.to_owned());
        let mut wire = Wire::connect().map_err(|error| refused(&name, error))?;
        let sinks: Vec<SinkInfo> =
            wire.ask(&Command::GetSinkInfoList).map_err(|error| refused(&name, error))?;
        let sinks = sinks.into_iter().map(|info| (info.name, info.index));
        Self::among(&name, wire, SubscriptionEventFacility::Sink, sinks)
    }

    /// Asks the server for the source.
    pub(super) fn source(source: &str) -> Result<Self, OutputFault> {
        let name = Name::Pulse(source.to_owned());
        let mut wire = Wire::connect().map_err(|error| refused(&name, error))?;
        let sources: Vec<SourceInfo> =
            wire.ask(&Command::GetSourceInfoList).map_err(|error| refused(&name, error))?;
        let sources = sources.into_iter().map(|info| (info.name, info.index));
        Self::among(&name, wire, SubscriptionEventFacility::Source, sources)
    }

    fn among(
        name: &Name,
        wire: Wire,
        facility: SubscriptionEventFacility,
        found: impl Iterator<Item = (CString, u32)>,
    ) -> Result<Self, OutputFault> {
        let found: Vec<(String, u32)> =
            found.map(|(name, index)| (format!("pulse:{}", name.to_string_lossy()), index)).collect();
        match found.iter().find(|(found, _)| *found == name.written()) {
            Some((_, index)) => Ok(Self { wire, index: *index, facility }),
            None => Err(OutputFault::Absent {
                name: name.written(),
                present: found.into_iter().map(|(name, _)| name).collect(),
            }),
        }
    }

    /// Tells `lose` when it or the server goes away, until the watch is dropped.
    pub(super) fn watch(
        self,
        lose: impl FnOnce(&'static str) + Send + 'static,
    ) -> Result<Watch, OutputFault> {
        let Self { mut wire, index, facility } = self;
        let fault = |error: ProtocolError| OutputFault::Gone { detail: error.to_string() };
        wire.subscribe(facility).map_err(fault)?;
        let socket = wire.socket.get_ref().try_clone().map_err(|error| fault(error.into()))?;
        thread::Builder::new()
            .name("watch-sink".to_owned())
            .spawn(move || lose(wire.until_removed(facility, index)))
            .map_err(|error| fault(error.into()))?;
        Ok(Watch { socket })
    }
}

/// Ends a watch when dropped.
pub(super) struct Watch {
    socket: UnixStream,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The server may have been faster; the watch has ended then.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// A plain, blocking connection.
struct Wire {
    socket: BufReader<UnixStream>,
    version: u16,
    asked: u32,
}

impl Wire {
    fn connect() -> Result<Self, ProtocolError> {
        let path =
            pulseaudio::socket_path_from_env().ok_or(std::io::Error::from(std::io::ErrorKind::NotFound))?;
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(ANSWER))?;
        socket.set_write_timeout(Some(ANSWER))?;
        let mut wire = Self { socket: BufReader::new(socket), version: protocol::MAX_VERSION, asked: 0 };
        let cookie = pulseaudio::cookie_path_from_env().and_then(|path| std::fs::read(path).ok());
        let auth: protocol::AuthReply = wire.ask(&Command::Auth(protocol::AuthParams {
            version: protocol::MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.unwrap_or_default(),
        }))?;
        wire.version = auth.version.min(protocol::MAX_VERSION);
        let mut props = protocol::Props::new();
        props.set(Prop::ApplicationName, CString::from(c"dalaba"));
        let _: protocol::SetClientNameReply = wire.ask(&Command::SetClientName(props))?;
        Ok(wire)
    }

    fn tell(&mut self, command: &Command) -> Result<(), ProtocolError> {
        self.asked += 1;
        protocol::write_command_message(self.socket.get_mut(), self.asked, command, self.version)
    }

    fn ask<R: protocol::CommandReply>(&mut self, command: &Command) -> Result<R, ProtocolError> {
        self.tell(command)?;
        protocol::read_reply_message(&mut self.socket, self.version).map(|(_, reply)| reply)
    }

    fn subscribe(&mut self, facility: SubscriptionEventFacility) -> Result<(), ProtocolError> {
        let mask = match facility {
            SubscriptionEventFacility::Source => SubscriptionMask::SOURCE,
            _ => SubscriptionMask::SINK,
        };
        self.tell(&Command::Subscribe(mask))?;
        protocol::read_ack_message(&mut self.socket)?;
        // From here on nothing may come for days.
        Ok(self.socket.get_ref().set_read_timeout(None)?)
    }

    /// Reads events until the sink is removed or the connection ends, and says which.
    fn until_removed(mut self, facility: SubscriptionEventFacility, index: u32) -> &'static str {
        loop {
            match protocol::read_command_message(&mut self.socket, self.version) {
                Ok((_, Command::SubscribeEvent(event)))
                    if event.event_facility == facility
                        && event.event_type == SubscriptionEventType::Removed
                        && event.index == Some(index) =>
                {
                    return "its sink or source of PulseAudio was removed";
                }
                Ok(_) => {}
                Err(_) => return "PulseAudio closed the connection",
            }
        }
    }
}
