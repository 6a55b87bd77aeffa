//! TOML → model, with every complaint at once, each with file, line, column, the cited line and a fix.

mod advice;
mod calendar_table;
mod complaint;
mod entries;
mod field;
mod groups;
mod lexicon;
mod moment;
mod monitor_table;
mod name;
mod parse;
mod playlist;
mod prepared;
mod reader;
mod report;
mod sayings;
mod schema;
mod selection;
mod site;
mod syntax;
pub mod tables;
mod texts;
mod together;
mod value;
mod volume;
pub mod warning_tables;
mod warnings;

pub use complaint::{Complaint, Severity, Source, any_error};
pub use field::{Field, FieldKind, KindFields, Kinds, ListOf};
pub use moment::read_length as length;
pub use name::without_dots;
pub use parse::{
    LARGEST, Parsed, Reference, Referred, parse_alert_map, parse_alerts, parse_areas, parse_lexicon,
    parse_playlist, parse_site,
};
pub use report::report;
pub use schema::{
    alert_map_schema, alerts_schema, areas_schema, lexicon_schema, playlist_schema, station_schema,
};
pub use texts::{Finding, review_texts};
pub use together::{Facts, RecordingFact, USUAL_PACE, check_together, spoken};
