//! The nouns of the house: what a station, a message, an airing and a record *are*. Plain values leave this room.
//!
//! Nothing here reads a clock, a file or a socket, and nothing here imports another room.

mod airing;
mod alert;
mod amplifier;
mod as_run;
mod bundle;
mod calendar;
mod clip;
mod closed_list;
mod digest;
mod id;
mod lexicon;
mod message;
mod playlist;
mod prepared;
mod priority;
mod schedule;
mod shaping;
mod site;
mod syllable;
mod volume;
mod words;

pub use airing::{Airing, Origin, SlotId, Timetable};
pub use alert::{Alert, AlertKind, AlertName, NoAlertName};
pub use amplifier::{AmplifierTimes, Switch, SwitchCause, Switched};
pub use as_run::{AsRun, Audible, Doubt, Monitored, OnAir, Ordered, Outcome, Reason, Record};
pub use bundle::{Bundle, BundleFile, BundlePart, BundlePath, NoBundlePath, Serial};
pub use calendar::{HolidayYear, MonthDay, SolarDate, UserCalendar};
pub(crate) use clip::length_of;
pub use clip::{Clip, ClipLength};
pub use digest::{Digest, NoDigest};
pub use id::{
    AiringId, CalendarId, CampaignId, GroupId, HolderName, IdError, MessageId, PlaylistId, StationId, ZoneId,
};
pub use lexicon::LexiconEntry;
pub use message::{Message, Repeat};
pub use playlist::{Playlist, Target};
pub use prepared::Prepared;
pub use priority::{Priority, Status};
pub use schedule::{Chime, Days, Order, Schedule, Start, When};
pub use shaping::{Lufs, Profile, Shaping};
pub use site::{Group, Keep, Limits, Mixer, Monitor, QuietHours, Selection, Setting, Site, Station};
pub use syllable::{NoSyllable, Syllable, Tone};
pub use volume::{FULL, Volume, VolumeHours, decibels, gain};
pub use words::{Lang, Words};
