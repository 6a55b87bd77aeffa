//! Outputs, amplifiers and engines: tables whose keys depend on the kind that they choose.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;

use crate::model::{Selection, Setting, Words};

use super::reader::{Entries, Entry, Reader};
use super::value::{self, Value};
use super::{FieldKind, KindFields};

/// Returns the key that chooses the kind.
pub(super) fn chooser(kind: &FieldKind) -> &'static str {
    if matches!(kind, FieldKind::Engine) { "engine" } else { "kind" }
}

impl Reader<'_> {
    /// Reads the kind and the kind's own options.
    pub(super) fn selection(
        &mut self,
        table: &DeTable<'_>,
        span: &Range<usize>,
        kind: &FieldKind,
        path: &str,
    ) -> Option<Selection> {
        let rows = self.rows(kind);
        let chosen = match table.get(chooser(kind)) {
            Some(written) => {
                let names: Vec<&'static str> = rows.iter().map(|row| row.name).collect();
                let Some(text) = written.get_ref().as_str() else {
                    let fault = value::wrong_type(written.get_ref(), &FieldKind::Id, self.kinds);
                    self.error(&written.span(), fault.advice.what, fault.advice.fix);
                    return None;
                };
                match value::kind_name(text, &names) {
                    Ok(name) => name,
                    Err(fault) => {
                        self.error(&written.span(), fault.advice.what, fault.advice.fix);
                        return None;
                    }
                }
            }
            None => self.unchosen(&rows, span, kind)?,
        };
        let row = rows.into_iter().find(|row| row.name == chosen)?;
        let options = self.table(table, span, row.fields, path, Some(chooser(kind)));
        Some(Selection { kind: chosen.to_owned(), options: self.settings(options) })
    }

    /// Returns the default engine with its default options.
    pub(super) fn default_engine(&mut self) -> Option<Selection> {
        self.selection(&DeTable::new(), &(0..0), &FieldKind::Engine, "voice")
    }

    fn rows(&self, kind: &FieldKind) -> Vec<KindFields> {
        match kind {
            FieldKind::Engine => self.kinds.engines.clone(),
            FieldKind::Amplifier => self.kinds.amplifiers.clone(),
            _ => self.kinds.outputs.clone(),
        }
    }

    /// Takes the first engine when none is named; an output must be named, because where sound goes is no detail.
    fn unchosen(
        &mut self,
        rows: &[KindFields],
        span: &Range<usize>,
        kind: &FieldKind,
    ) -> Option<&'static str> {
        let first = rows.first().map(|row| row.name);
        if matches!(kind, FieldKind::Engine) && first.is_some() {
            return first;
        }
        let key = chooser(kind);
        let example = first.unwrap_or_default();
        self.error(
            span,
            Words::new(format!("没有写 `{key}`"), format!("`{key}` is missing")),
            Words::new(
                format!("例如 `{key} = \"{example}\"`"),
                format!("for example `{key} = \"{example}\"`"),
            ),
        );
        None
    }

    fn settings(&mut self, entries: Entries) -> BTreeMap<String, Setting> {
        let mut settings = BTreeMap::new();
        for (key, entry) in entries.values {
            let setting = match entry.value {
                Value::Text(text) => Setting::Text(text),
                Value::Integer(number) => Setting::Integer(number),
                Value::Flag(flag) => Setting::Flag(flag),
                Value::Length(length) => Setting::Length(length),
                Value::Path(path) => {
                    if let Some(path) = path.to_str() {
                        Setting::Text(path.to_owned())
                    } else {
                        self.unwritable(&entry.span);
                        continue;
                    }
                }
                Value::List(list) => Setting::Texts(texts(list)),
                // A kind's options are of the kinds above: see `FieldKind`.
                _ => continue,
            };
            settings.insert(key.to_owned(), setting);
        }
        settings
    }

    /// Refuses a path that leads through a folder whose name is no text.
    fn unwritable(&mut self, span: &Range<usize>) {
        self.error(
            span,
            Words::new("文件夹的名称不是 UTF-8 编码", "the folder's name is not UTF-8"),
            Words::new("换一个名称规范的文件夹", "use a folder with a plain name"),
        );
    }
}

/// Takes the texts of a list; an option's list holds nothing else.
fn texts(list: Vec<Entry>) -> Vec<String> {
    let texts = list.into_iter().map(|entry| entry.value);
    texts.filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None }).collect()
}
