//! What the daemon says of itself: to people who ask, and on systemd's status line.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Daemon;
use super::board::{Listening, Notices};
use super::in_force::InForce;
use crate::model::{Airing, Station};
use crate::playout::{Distrust, OnAirView, Trust, View};
use crate::station::amplifier::Trouble;
use crate::station::clock;
use crate::station::control::{
    AmplifierFaultReport, AmplifierReport, ClockReport, CompletedReport, JournalReport, ListenedReport,
    MonitorReport, NextReport, OnAirReport, OutputReport, StationReport, StatusReport, UsedReport,
};

/// What is due next is looked for so far ahead, day by day.
const LOOK_AHEAD_DAYS: i64 = 8;

/// Which run this is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) run: u64,
    pub(super) since: DateTime<Utc>,
}

impl Daemon {
    /// Says how everything is.
    pub(super) async fn status(&self) -> StatusReport {
        let trouble = self.ledger.trouble().await;
        let journal = trouble.map_or(JournalReport::Ok, |trouble| JournalReport::CannotWrite {
            since: self.in_force.civil(trouble.since),
            detail: trouble.detail,
        });
        let stations = self.in_force.site.stations.iter().map(|station| self.station(station));
        StatusReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.identity.run,
            since: self.in_force.civil(self.identity.since),
            clock: self.clock(),
            journal,
            faulty_playlists: self.in_force.faulty.clone(),
            campaigns: self.in_force.campaigns.clone(),
            alerts: self.alerts.report(&self.in_force, clock::wall()),
            county: self.county.report(&self.in_force),
            stations: stations.collect(),
        }
    }

    /// Says it in one line.
    pub(super) fn status_line(&self) -> String {
        let stations = &self.in_force.site.stations;
        let notices: Vec<Notices> = stations.iter().filter_map(|s| self.team.notices(&s.id)).collect();
        let on_air =
            notices.iter().filter(|n| n.shown.as_ref().is_some_and(|s| s.view.on_air.is_some())).count();
        let down = notices.iter().filter(|n| n.down.is_some()).count();
        let unheard =
            notices.iter().filter(|n| n.listening.as_ref().is_some_and(Listening::is_fault)).count();
        let faulty = self.in_force.faulty.len();
        let clock = if self.time.now().trusted { "" } else { "；时钟不可信 / clock not trusted" };
        let (all, playlists) = (stations.len(), self.in_force.playlists.len());
        format!(
            "{all} 个站点，{on_air} 个在播，{down} 个无输出，{unheard} 个连续没听到；{playlists} 个节目单，{faulty} 个有错{clock} / \
             {all} stations, {on_air} on air, {down} without output, {unheard} not heard; \
             {playlists} playlists, {faulty} with mistakes"
        )
    }

    fn clock(&self) -> ClockReport {
        let why = match self.time.verdict() {
            Trust::Trusted => String::new(),
            Trust::Untrusted(distrust) => self.distrust(distrust),
        };
        ClockReport { wall: self.in_force.civil(clock::wall()), trusted: why.is_empty(), why }
    }

    fn distrust(&self, distrust: Distrust) -> String {
        let civil = |at| self.in_force.civil(at).format("%Y-%m-%d %H:%M").to_string();
        match distrust {
            Distrust::BeforeSeen(seen) => {
                let seen = civil(seen);
                format!("比见过的时间 {seen} 还早 / it is before {seen}, which was seen already")
            }
            Distrust::BeforeBuild(built) => {
                let built = civil(built);
                format!("比本程序的发布日期 {built} 还早 / it is before this program's release, {built}")
            }
            Distrust::FarAhead(seen) => {
                let seen = civil(seen);
                format!("比上次见过的时间 {seen} 晚了好几年 / it is years after {seen}, which was seen last")
            }
        }
    }

    fn station(&self, station: &Station) -> StationReport {
        let notices = self.team.notices(&station.id).unwrap_or_default();
        let in_force = &self.in_force;
        let state = notices.down.clone().map_or(OutputReport::Up, |down| OutputReport::Down {
            since: in_force.civil(down.since),
            detail: down.words.to_string(),
        });
        let view = notices.shown.as_ref().map(|shown| &shown.view);
        let soon = view.and_then(|view| view.next.clone());
        let next = soon.or_else(|| next_due(in_force, station, clock::wall()));
        let on_air = view.and_then(|view| view.on_air.as_ref());
        StationReport {
            id: station.id.to_string(),
            output: station.output.kind.clone(),
            state,
            amplifier: self.amplifier(station),
            on_air: on_air.map(|on_air| sounding(in_force, on_air, &notices)),
            next: next.map(|next| NextReport { airing: next.id.to_string(), due: next.due }),
            queue: view.map_or(0, |view| view.waiting.len()),
            used: used(view, station),
            completed: notices
                .completed
                .map(|(airing, at)| CompletedReport { airing: airing.to_string(), at: in_force.civil(at) }),
            monitor: notices.listening.map(|listening| monitored(in_force, &listening)),
        }
    }

    fn amplifier(&self, station: &Station) -> Option<AmplifierReport> {
        let (name, notice) = self.team.amplifier(station)?;
        let fault = |trouble: Trouble| AmplifierFaultReport {
            since: self.in_force.civil(trouble.since),
            zh: trouble.words.zh,
            en: trouble.words.en,
        };
        Some(AmplifierReport {
            name,
            switch: notice.switched.map(|(switch, _)| switch),
            since: notice.switched.map(|(_, at)| self.in_force.civil(at)),
            faults: notice.switch.into_iter().chain(notice.guard).map(fault).collect(),
        })
    }
}

fn sounding(in_force: &InForce, on_air: &OnAirView, notices: &Notices) -> OnAirReport {
    let airing = &on_air.airing;
    OnAirReport {
        airing: airing.id.to_string(),
        message: airing.message.id.to_string(),
        text: airing.message.text.clone().unwrap_or_default(),
        started: in_force.civil(notices.started.unwrap_or(on_air.since)),
        heard_ms: notices.progress().map_or(0, |progress| milliseconds(progress.heard)),
        total_ms: milliseconds(on_air.planned),
        priority: airing.priority,
    }
}

fn monitored(in_force: &InForce, listening: &Listening) -> MonitorReport {
    MonitorReport {
        device: listening.device.clone(),
        state: listening.word().to_owned(),
        detail: listening.down.as_ref().map(|down| down.words.to_string()).unwrap_or_default(),
        last: listening.last.as_ref().map(|last| ListenedReport {
            airing: last.airing.to_string(),
            at: in_force.civil(last.at),
            heard: last.heard,
            doubt: last.doubt,
        }),
        last_heard: listening.heard.map(|at| in_force.civil(at)),
        missed: listening.missed,
    }
}

fn used(view: Option<&View>, station: &Station) -> UsedReport {
    UsedReport {
        hour_ms: view.map_or(0, |view| milliseconds(view.used_in_hour)),
        day_ms: view.map_or(0, |view| milliseconds(view.used_in_day)),
        minutes_per_hour: station.limits.minutes_per_hour,
        minutes_per_day: station.limits.minutes_per_day,
    }
}

/// Finds what is due next at a station, beyond what its loop has planned.
pub(super) fn next_due(in_force: &InForce, station: &Station, now: DateTime<Utc>) -> Option<Airing> {
    (0..LOOK_AHEAD_DAYS).find_map(|day| {
        let from = now + TimeDelta::days(day);
        let airings = in_force.timetable(station, from, from + TimeDelta::days(1)).airings;
        airings.into_iter().find(|airing| airing.due_utc() > now)
    })
}

fn milliseconds(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
