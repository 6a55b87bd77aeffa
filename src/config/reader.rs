//! Walks a TOML tree along a table of keys and collects every complaint on the way.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::model::{Chime, Target, Words};

use super::advice::{Advice, listed, nearest, quoted};
use super::complaint::{Complaint, MOST_COMPLAINTS, Severity, Source};
use super::syntax::Syntax;
use super::value::{self, Value};
use super::{Field, FieldKind, Kinds, ListOf, Reference, Referred};

/// One value that was read, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

/// The values of a table by key, defaults filled in; what was refused is absent.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    pub(super) span: Range<usize>,
    /// The path by which [`Reader::places`] remembers the table.
    pub(super) place: String,
    pub(super) values: BTreeMap<&'static str, Entry>,
    /// Where the keys stand that were written, also those whose values were refused.
    pub(super) keys: BTreeMap<&'static str, Range<usize>>,
}

/// Says at which places the messages and schedules of a playlist stand, those that were refused left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) messages: Vec<String>,
    pub(super) schedules: Vec<String>,
}

/// Carries what the walk gathers.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) kinds: &'a Kinds,
    pub(super) syntax: Syntax,
    pub(super) complaints: Vec<Complaint>,
    pub(super) references: Vec<Reference>,
    pub(super) places: BTreeMap<String, Range<usize>>,
    pub(super) rows: Rows,
}

impl<'a> Reader<'a> {
    /// Starts from what the syntax already gave away.
    pub(super) fn new(source: &'a Source, kinds: &'a Kinds, syntax: Syntax) -> Self {
        let complaints = syntax.complaints.clone();
        Self {
            source,
            kinds,
            syntax,
            complaints,
            references: Vec::new(),
            places: BTreeMap::new(),
            rows: Rows::default(),
        }
    }

    /// Adds a mistake.
    pub(super) fn error(&mut self, span: &Range<usize>, what: Words, fix: Words) {
        self.complain(Severity::Error, span, what, fix);
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, span: &Range<usize>, what: Words, fix: Words) {
        self.complain(Severity::Warning, span, what, fix);
    }

    fn complain(&mut self, severity: Severity, span: &Range<usize>, what: Words, fix: Words) {
        if self.syntax.spoils(span) || self.complaints.len() >= MOST_COMPLAINTS {
            return;
        }
        let path = self.source.path.clone();
        self.complaints.push(Complaint { severity, path, span: span.clone(), what, fix });
    }

    /// Reads a table: refuses unknown keys, reads the known ones, fills in defaults, asks for what is missing.
    ///
    /// `except` is a key that was read elsewhere.
    pub(super) fn table(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        fields: &'static [Field],
        path: &str,
        except: Option<&'static str>,
    ) -> Entries {
        let mut entries = Entries { span: span.clone(), place: path.to_owned(), ..Entries::default() };
        for (key, value) in table {
            let written = key.get_ref().as_ref();
            if Some(written) == except {
                continue;
            }
            let Some(field) = fields.iter().find(|field| field.key == written) else {
                if let Some(meant) = self.unknown_key(written, &key.span(), fields) {
                    // The key that was meant is not missing; it is misspelt.
                    entries.keys.entry(meant).or_insert_with(|| key.span());
                }
                continue;
            };
            entries.keys.insert(field.key, key.span());
            if let Some(entry) = self.entry(value, &field.kind, &join(path, field.key)) {
                entries.values.insert(field.key, entry);
            }
        }
        for field in fields {
            if !entries.keys.contains_key(field.key) {
                self.absent(field, &mut entries);
            }
        }
        entries
    }

    /// Refuses a key that nobody knows, and returns the one that was probably meant.
    fn unknown_key(&mut self, written: &str, span: &Range<usize>, fields: &[Field]) -> Option<&'static str> {
        let keys = fields.iter().map(|field| field.key);
        let near = nearest(written, keys.clone());
        let fix = if let Some(near) = near {
            Words::new(format!("是不是想写 `{near}`？"), format!("did you mean `{near}`?"))
        } else {
            let known = listed(keys);
            Words::new(format!("这里可以写：{}", known.zh), format!("known here: {}", known.en))
        };
        let name = quoted(written);
        self.error(span, Words::new(format!("不认识的项 {name}"), format!("unknown key {name}")), fix);
        near
    }

    fn absent(&mut self, field: &Field, entries: &mut Entries) {
        let span = entries.span.clone();
        if let Some(default) = field.default {
            match value::from_default(default, &field.kind, self) {
                Ok(value) => {
                    entries.values.insert(field.key, Entry { span, value });
                }
                Err(advice) => self.error(&span, advice.what, advice.fix),
            }
        } else if field.required && !self.syntax.lost {
            let key = field.key;
            self.error(
                &span,
                Words::new(
                    format!("缺少 `{key}`：{}", first_sentence(field.zh)),
                    format!("`{key}` is missing: {}", first_sentence(field.en)),
                ),
                value::example(field, self.kinds),
            );
        }
    }

    /// Reads one value of the kind its key asks for.
    pub(super) fn entry(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        kind: &FieldKind,
        path: &str,
    ) -> Option<Entry> {
        let span = value.span();
        self.places.insert(path.to_owned(), span.clone());
        let read = match (kind, value.get_ref()) {
            (FieldKind::Table(fields), DeValue::Table(table)) => {
                Ok(Value::Table(self.table(table, &span, fields, path, None)))
            }
            (FieldKind::List(of), DeValue::Array(array)) => self.list(array, &span, of, path),
            (FieldKind::Days, DeValue::Array(array)) => self.list(array, &span, &value::WEEKDAYS, path),
            (FieldKind::Output | FieldKind::Engine | FieldKind::Amplifier, DeValue::Table(table)) => {
                let value = self.selection(table, &span, kind, path)?;
                return Some(Entry { span, value: Value::Selection(value) });
            }
            _ => value::read(value.get_ref(), kind, self),
        };
        match read {
            Ok(value) => {
                self.refer(&value, kind, &span, path);
                Some(Entry { span, value })
            }
            Err(fault) => {
                let within = fault.within.and_then(|part| self.inside(&span, &part));
                self.error(&within.unwrap_or(span), fault.advice.what, fault.advice.fix);
                None
            }
        }
    }

    /// Finds a part of a string's content in the file; content with escapes is cited as a whole.
    fn inside(&self, span: &Range<usize>, part: &Range<usize>) -> Option<Range<usize>> {
        let written = self.source.text.get(span.clone())?;
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| written.starts_with(quote))?;
        if quote.len() != 1 || written.contains('\\') {
            return None;
        }
        let start = span.start + quote.len();
        let found = start + part.start..start + part.end.max(part.start);
        (found.end < span.end && self.source.text.get(found.clone()).is_some()).then_some(found)
    }

    fn list(
        &mut self,
        array: &DeArray<'_>,
        span: &Range<usize>,
        of: &ListOf,
        path: &str,
    ) -> Result<Value, value::Fault> {
        let number = array.len();
        if number > of.most {
            return Err(value::Fault::new(
                Words::new(format!("有 {number} 项，太多了"), format!("{number} values are too many")),
                Words::new(format!("最多 {} 项", of.most), format!("write {} at the most", of.most)),
            ));
        }
        if number < of.fewest {
            self.error(
                span,
                Words::new("这里是空的", "the list is empty"),
                Words::new("至少写一项", "write at least one value"),
            );
        }
        let items = array.iter().enumerate();
        Ok(Value::List(
            items.filter_map(|(at, item)| self.entry(item, &of.kind, &join(path, &at.to_string()))).collect(),
        ))
    }

    /// Remembers what the value names outside its own file.
    fn refer(&mut self, value: &Value, kind: &FieldKind, span: &Range<usize>, place: &str) {
        let to = match (value, kind) {
            (Value::Target(Target::Station(id)), _) => Referred::Station(id.clone()),
            (Value::Target(Target::Zone(id)), _) => Referred::Zone(id.clone()),
            (Value::Calendar(id), _) => Referred::Calendar(id.clone()),
            (Value::Path(path), FieldKind::Recording) | (Value::Chime(Chime::File(path)), _) => {
                Referred::Recording(path.clone())
            }
            _ => return,
        };
        self.references.push(Reference { to, place: place.to_owned(), span: span.clone() });
    }
}

/// Shortens a description for a complaint.
fn first_sentence(text: &str) -> &str {
    let end = text.find('。').into_iter().chain(text.find(". ")).min();
    end.map_or(text, |end| &text[..end])
}

/// Joins the parts of the path by which [`Reader::places`] remembers a value.
pub(super) fn join(path: &str, part: &str) -> String {
    if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") }
}

impl From<Advice> for value::Fault {
    fn from(advice: Advice) -> Self {
        Self { within: None, advice }
    }
}
