//! Values on their way to and from a database, and the statements that carry them.

use std::borrow::Cow;

use super::StoreFault;
use crate::model::Digest;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row(pub(super) Vec<Value>);

/// SQL that both databases understand, its places called `$1`, `$2` …, and what stands in them.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value>,
}

/// Statements that are done together or not at all: the others only if the first one changed anything.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) guard: Statement,
    pub(super) then: Vec<Statement>,
    /// Whether others wait to hear of it.
    pub(super) rings: bool,
}

impl Statement {
    pub(super) fn new(sql: impl Into<Cow<'static, str>>, values: impl Into<Vec<Value>>) -> Self {
        Self { sql: sql.into(), values: values.into() }
    }
}

impl Group {
    pub(super) const fn of(guard: Statement) -> Self {
        Self { guard, then: Vec::new(), rings: false }
    }

    pub(super) fn then(mut self, statement: Statement) -> Self {
        self.then.push(statement);
        self
    }

    /// Wakes everybody who waits for news, at every node, once it is committed.
    pub(super) fn ringing(mut self) -> Self {
        self.rings = true;
        self
    }
}

impl Row {
    pub(super) fn number(&self, place: usize, what: &'static str) -> Result<i64, StoreFault> {
        self.maybe_number(place).ok_or(StoreFault::Damaged(what))
    }

    pub(super) fn maybe_number(&self, place: usize) -> Option<i64> {
        match self.0.get(place) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn text(&self, place: usize, what: &'static str) -> Result<String, StoreFault> {
        self.maybe_text(place).ok_or(StoreFault::Damaged(what))
    }

    pub(super) fn maybe_text(&self, place: usize) -> Option<String> {
        match self.0.get(place) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, place: usize, what: &'static str) -> Result<Vec<u8>, StoreFault> {
        match self.0.get(place) {
            Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
            _ => Err(StoreFault::Damaged(what)),
        }
    }

    pub(super) fn digest(&self, place: usize, what: &'static str) -> Result<Digest, StoreFault> {
        let bytes: [u8; 32] = self.bytes(place, what)?.try_into().map_err(|_| StoreFault::Damaged(what))?;
        Ok(bytes.into())
    }

    /// Reads a text of JSON that this program wrote.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        place: usize,
        what: &'static str,
    ) -> Result<T, StoreFault> {
        serde_json::from_str(&self.text(place, what)?).map_err(|_| StoreFault::Damaged(what))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Number(i64::from(yes))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&Digest> for Value {
    fn from(digest: &Digest) -> Self {
        Self::Bytes(digest.bytes().to_vec())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
