//! The control socket: who may speak to a running daemon, in which words. Checked requests with the name of who made
//! them leave this room, and answers go back.
//!
//! One JSON line in, one JSON line out, then the connection is closed. `docs/adr/0003-control-socket.md` says why.

mod account;
mod address;
mod client;
mod county;
mod monitor;
mod report;
mod server;
mod wire;

pub use client::{CallError, call};
pub use county::CountyReport;
pub use monitor::{ListenedReport, MonitorReport};
pub use report::{
    AlertReport, AmplifierFaultReport, AmplifierReport, CampaignReport, ClockReport, CompletedReport,
    FaultyPlaylist, JournalReport, NextReport, OnAirReport, OutputReport, StationReport, StatusReport,
    UsedReport,
};
pub use server::{BindError, ControlRequest, Socket};
pub use wire::{ControlReply, LONGEST_LINE, MOST_REPEATS, Request, StopReport};

use std::path::{Path, PathBuf};

/// Returns the path of the control socket of the daemon that owns the state folder `state`.
///
/// It is the same for both sides and under systemd too, so that a person who knows the state folder knows the socket.
pub fn socket_path(state: &Path) -> PathBuf {
    state.join("control.sock")
}
