//! TOML → model, with every complaint at once, each with file, line, column, the cited line and a fix.

mod field;

pub use field::{Field, FieldKind, KindFields, Kinds, ListOf};
