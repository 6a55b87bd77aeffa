//! The output `rtp`: packets of sound for horns and phones on the network leave it, paced by an absolute clock.
//!
//! No RTCP goes with them. One sender of one sound has nothing to synchronise, horns and phones ignore reports, and its
//! port is the next one, which on many horns is another zone: there a report would sound as a click.

mod announcer;
mod coding;
mod line;
mod options;
mod sdp;
mod sender;
mod streams;

use super::pace::Paced;
use super::{Kind, OpenContext, Output, OutputFault};
use crate::config::KindFields;
use crate::model::{Priority, Selection};
use announcer::Announcer;
use line::Line;
use options::Options;
use sender::Sender;

/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "rtp",
        fields: options::FIELDS,
        zh: "发给网络音柱、号角和寻呼话机（RTP 组播或单播）",
        en: "sends to horns and paging phones on the network (RTP, multicast or to one receiver)",
    },
    check: |selection| Options::read(selection).map(|_| ()),
    takes: |selection| Options::read(selection).map(|options| options.taken()).unwrap_or_default(),
    open,
    probe: Some(probe),
    standing: Some(standing),
};

fn open(selection: &Selection, _: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let options = Options::read(selection)?;
    let sender = Sender::open(options, Priority::Routine)?;
    sender.describe()?;
    Ok(Box::new(Paced::new(sender)))
}

/// Finds out whether there is a way to the receivers; sends nothing.
fn probe(selection: &Selection) -> Result<(), OutputFault> {
    let options = Options::read(selection)?;
    options.ways().into_iter().try_for_each(|(to, _)| Line::open(&options, to).map(|_| ()))
}

/// Announces the streams as long as the station runs.
fn standing(selection: &Selection) -> Option<Box<dyn Send>> {
    let options = Options::read(selection).ok().filter(|options| options.announce)?;
    Some(Box::new(Announcer::start(options)?))
}
