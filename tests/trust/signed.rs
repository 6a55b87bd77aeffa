//! Everything that was ever signed in the county of paper, as a thief has it, and the station that judges what he makes of it.

use chrono::{Duration, FixedOffset};
use dalaba::model::{Alert, AlertKind, Bundle, Priority, Station, Status, Target};
use dalaba::trust::{
    AlertJudge, ClockState, Envelope, Held, Judge, PayloadType, Root, Verdict, alert, manifest,
};

use crate::county::{bundle, held, noon, root, signed, station};

/// What is stolen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bundle,
    Alert,
}

/// What a thief has, and the station 赵家庄, which holds number 1 and would take 2 and 3 as they were signed.
pub(crate) struct Stolen {
    kind: Kind,
    pub(crate) envelopes: Vec<Envelope>,
    pub(crate) written: Vec<Vec<u8>>,
    /// Payloads that the station may take.
    genuine: Vec<Vec<u8>>,
    root: Root,
    stations: [Station; 1],
    held: Held,
}

impl Stolen {
    /// `threshold` people must sign; whatever is here one alone has signed.
    pub(crate) fn of(kind: Kind, threshold: usize) -> Self {
        let good = match kind {
            Kind::Bundle => [2, 3].map(|serial| manifest::write(&bundle(serial))),
            Kind::Alert => ["一", "二"].map(|name| alert::write(&warning(name))),
        };
        let name = match kind {
            Kind::Bundle => PayloadType::Bundle,
            Kind::Alert => PayloadType::Alert,
        };
        let mut envelopes: Vec<Envelope> =
            good.iter().map(|payload| signed(name, payload.clone(), &[4])).collect();
        envelopes.extend(harmless(kind));
        let written = envelopes.iter().map(Envelope::write).collect();
        let stations = [station()];
        let genuine = if threshold == 1 { good.to_vec() } else { Vec::new() };
        Self { kind, envelopes, written, genuine, root: root(threshold), stations, held: held(1) }
    }

    /// Judges `bytes`: why they are refused, `forged` if they came in and nobody had signed them so for this station, nothing if
    /// they are what was signed.
    pub(crate) fn verdict(&self, bytes: &[u8]) -> Option<&'static str> {
        let taken = match self.kind {
            Kind::Bundle => self.bundle(bytes),
            Kind::Alert => self.alert(bytes),
        };
        match taken {
            Ok(payload) if self.genuine.contains(&payload) => None,
            Ok(_) => Some("forged"),
            Err(reason) => Some(reason),
        }
    }

    fn bundle(&self, bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
        let held = |_: &_| Some(self.held.clone());
        let judge = Judge { root: &self.root, stations: &self.stations, held: &held, now: noon() };
        match judge.judge(bytes) {
            Ok(Verdict::New(bundle)) => Ok(manifest::write(&bundle)),
            // The one that is held comes in again and changes nothing.
            Ok(Verdict::Held(_)) => Err("held"),
            Err(refusal) => Err(refusal.name()),
        }
    }

    fn alert(&self, bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
        let (root, clock) = (&self.root, ClockState::Synchronised);
        let before = |_: &_, _: &_| None;
        let judge = AlertJudge { root, before: &before, floor: noon(), now: noon(), clock };
        let judged = judge.judge(bytes, &self.stations);
        judged.map(|alert| alert::write(&alert)).map_err(|refusal| refusal.name())
    }
}

/// What was signed, and is not for this station now.
fn harmless(kind: Kind) -> Vec<Envelope> {
    let sign = |kind, payload| signed(kind, payload, &[4]);
    let own = match kind {
        Kind::Bundle => others().map(|bundle| sign(PayloadType::Bundle, manifest::write(&bundle))).to_vec(),
        Kind::Alert => strange().map(|warning| sign(PayloadType::Alert, alert::write(&warning))).to_vec(),
    };
    let (two, warning) = (manifest::write(&bundle(2)), alert::write(&warning("一")));
    let foreign = match kind {
        Kind::Bundle => sign(PayloadType::Alert, warning),
        Kind::Alert => sign(PayloadType::Bundle, two.clone()),
    };
    let roots = signed(PayloadType::Root, root(1).payload(), &[1, 2]);
    // By people who may change the root and not publish, and by a stranger.
    let by_others = signed(PayloadType::Bundle, two, &[1, 2, 3, 9]);
    own.into_iter().chain([foreign, roots, by_others]).collect()
}

/// The one that is held, another station's, one that is over.
fn others() -> [Bundle; 3] {
    let (mut theirs, mut over) = (bundle(2), bundle(3));
    theirs.target = vec!["zone:河西".parse().unwrap(), "钱家庄".parse().unwrap()];
    over.expires = noon();
    [bundle(1), theirs, over]
}

/// A drill elsewhere, one that is over, an emergency for everybody that one person signed.
fn strange() -> [Alert; 3] {
    let (mut theirs, mut over, mut alone) = (warning("三"), warning("四"), warning("五"));
    theirs.target = vec!["钱家庄".parse().unwrap()];
    theirs.status = Status::Drill;
    over.sent -= Duration::hours(3);
    over.expires = noon() - Duration::hours(1);
    alone.priority = Priority::Emergency;
    [theirs, over, alone]
}

fn warning(name: &str) -> Alert {
    let beijing = FixedOffset::east_opt(8 * 3600).unwrap();
    Alert {
        identifier: name.to_owned(),
        sender: "某县应急办".to_owned(),
        sent: noon().with_timezone(&beijing),
        status: Status::Actual,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event: "暴雨红色预警".to_owned(),
        urgency: "Immediate".to_owned(),
        severity: "Severe".to_owned(),
        certainty: "Observed".to_owned(),
        priority: Priority::Urgent,
        language: "zh".to_owned(),
        text: "暴雨，请不要出门。".to_owned(),
        expires: noon() + Duration::hours(2),
        repeat_every: Some(600),
        target: vec![Target::All],
    }
}
