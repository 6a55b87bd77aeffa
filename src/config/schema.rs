//! The tables of keys as JSON Schema, so that editors complete and check while people write.

use serde_json::{Map, Value, json};

use super::field::{Field, FieldKind, KindFields, Kinds, ListOf};
use super::name::{DAY_SETS, WEEKDAY_NAMES};
use super::selection::chooser;
use super::{tables, warning_tables};

/// Describes `station.toml` in JSON Schema, draft 2020-12.
pub fn station_schema(kinds: &Kinds) -> Value {
    document("站点配置 station.toml / the station file", tables::SITE, kinds)
}

/// Describes playlist files in JSON Schema, draft 2020-12.
pub fn playlist_schema(kinds: &Kinds) -> Value {
    document("节目单 / a playlist", tables::PLAYLIST, kinds)
}

/// Describes `lexicon.toml` in JSON Schema, draft 2020-12.
pub fn lexicon_schema(kinds: &Kinds) -> Value {
    document("自己的词典 lexicon.toml / the user's lexicon", tables::LEXICON, kinds)
}

/// Describes `alert-map.toml` in JSON Schema, draft 2020-12.
pub fn alert_map_schema(kinds: &Kinds) -> Value {
    document("预警的优先级 alert-map.toml / how strong warnings are", warning_tables::ALERT_MAP, kinds)
}

/// Describes `areas.toml` in JSON Schema, draft 2020-12.
pub fn areas_schema(kinds: &Kinds) -> Value {
    document("站点在哪里 areas.toml / where stations are", warning_tables::AREAS, kinds)
}

/// Describes `alerts.toml` in JSON Schema, draft 2020-12.
pub fn alerts_schema(kinds: &Kinds) -> Value {
    document("备好的警报 alerts.toml / prepared alerts", tables::ALERTS, kinds)
}

fn document(title: &str, fields: &[Field], kinds: &Kinds) -> Value {
    let mut document = Map::new();
    document.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("title".into(), json!(title));
    document.extend(table(fields, kinds));
    Value::Object(document)
}

fn table(fields: &[Field], kinds: &Kinds) -> Map<String, Value> {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.key.to_owned(), property(field, kinds))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    let mut table = Map::new();
    table.insert("type".into(), json!("object"));
    table.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        table.insert("required".into(), json!(required));
    }
    table.insert("additionalProperties".into(), json!(false));
    table.extend(rule(fields));
    table
}

/// Adds what holds between the keys of a table.
fn rule(fields: &[Field]) -> Option<(String, Value)> {
    let any = |keys: &[&str]| keys.iter().map(|key| json!({ "required": [key] })).collect::<Value>();
    if fields == tables::MESSAGE {
        Some(("anyOf".into(), any(&["text", "audio"])))
    } else if fields == tables::SCHEDULE {
        Some(("oneOf".into(), any(&["cron", "at"])))
    } else if fields == tables::CALENDAR {
        Some(("anyOf".into(), any(&["lunar_days", "lunar", "dates", "weekdays"])))
    } else if fields == warning_tables::PLACE {
        Some(("anyOf".into(), any(&["codes", "names", "position"])))
    } else {
        None
    }
}

fn property(field: &Field, kinds: &Kinds) -> Value {
    let mut property = Map::new();
    property.insert("description".into(), json!(format!("{}\n\n{}", field.zh, field.en)));
    property.extend(kind(&field.kind, kinds));
    if let Some(default) = field.default {
        property.insert("default".into(), default_value(default, &field.kind));
    }
    Value::Object(property)
}

fn default_value(default: &str, kind: &FieldKind) -> Value {
    match kind {
        FieldKind::Integer { .. } => json!(default.parse::<i64>().unwrap_or_default()),
        FieldKind::Flag => json!(default == "true"),
        _ => json!(default),
    }
}

/// What an id may hold; see [`crate::model::IdError`].
const ID: &str = r"^[^\s/@:*\\]([^/@:*\\]*[^\s/@:*\\])?$";
const DATE: &str = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$";
const SOLAR: &str = "^([0-9]{4}-)?[0-9]{1,2}-[0-9]{1,2}$";
const MONTH_DAY: &str = "^[0-9]{1,2}-[0-9]{1,2}$";
const TIME: &str = "^([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9])?$";
const LENGTH: &str = r"^[0-9]+(ms|(\.[0-9]{1,3})?(s|m|h))$";

fn kind(kind: &FieldKind, kinds: &Kinds) -> Map<String, Value> {
    let schema = match kind {
        FieldKind::Text { longest } => json!({ "type": "string", "minLength": 1, "maxLength": longest }),
        FieldKind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::Length { .. } => pattern(LENGTH),
        FieldKind::OneOf(words) => json!({ "enum": words }),
        FieldKind::Id | FieldKind::Calendar => json!({ "type": "string", "maxLength": 64, "pattern": ID }),
        FieldKind::Chime => json!({ "type": "string", "minLength": 1, "examples": kinds.chimes }),
        FieldKind::Date => pattern(DATE),
        FieldKind::SolarDate => pattern(SOLAR),
        FieldKind::LunarDate => pattern(MONTH_DAY),
        FieldKind::Time => pattern(TIME),
        FieldKind::Days => {
            let named = json!({ "enum": DAY_SETS });
            json!({ "anyOf": [named, { "type": "array", "minItems": 1, "items": { "enum": WEEKDAY_NAMES } }] })
        }
        FieldKind::List(of) => list(of, kinds),
        FieldKind::Table(fields) => Value::Object(table(fields, kinds)),
        FieldKind::Output => selection(kind, &kinds.outputs, kinds),
        FieldKind::Engine => selection(kind, &kinds.engines, kinds),
        FieldKind::Amplifier => selection(kind, &kinds.amplifiers, kinds),
        FieldKind::Path
        | FieldKind::Name
        | FieldKind::Pinyin
        | FieldKind::Target
        | FieldKind::Recording
        | FieldKind::Language
        | FieldKind::TimeZone
        | FieldKind::Cron => json!({ "type": "string", "minLength": 1 }),
    };
    // Every arm above builds an object.
    if let Value::Object(schema) = schema { schema } else { Map::new() }
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn list(of: &ListOf, kinds: &Kinds) -> Value {
    json!({ "type": "array", "minItems": of.fewest, "maxItems": of.most, "items": kind(&of.kind, kinds) })
}

fn selection(kind: &FieldKind, rows: &[KindFields], kinds: &Kinds) -> Value {
    let row = |(at, row): (usize, &KindFields)| {
        let key = chooser(kind);
        let mut one = table(row.fields, kinds);
        if let Some(Value::Object(properties)) = one.get_mut("properties") {
            properties.insert(key.to_owned(), json!({ "const": row.name }));
        }
        // The first engine is the default and need not be named.
        if at > 0 || !matches!(kind, FieldKind::Engine) {
            let required = one.entry("required").or_insert_with(|| json!([]));
            if let Value::Array(required) = required {
                required.insert(0, json!(key));
            }
        }
        one.insert("title".into(), json!(row.name));
        one.insert("description".into(), json!(format!("{}\n\n{}", row.zh, row.en)));
        Value::Object(one)
    };
    json!({ "anyOf": rows.iter().enumerate().map(row).collect::<Vec<_>>() })
}
