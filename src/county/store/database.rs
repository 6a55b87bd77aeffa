//! The seam between the store and its two databases: where it is, one way to ask, one way to write.

use std::path::PathBuf;
use std::str::FromStr;

use tokio::sync::watch;

use super::StoreFault;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::value::{Group, Row, Value};
use super::writer::Writer;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file of SQLite's.
    File(PathBuf),
    /// A URL of PostgreSQL's, which may hold a password.
    Postgres(String),
}

/// A database. Copies are the same one.
#[derive(Debug, Clone)]
pub struct Database {
    kind: Kind,
    writer: Writer,
    bell: watch::Receiver<u64>,
}

/// The two of them.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl FromStr for Address {
    type Err = StoreFault;

    fn from_str(text: &str) -> Result<Self, StoreFault> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if is_url {
            return Ok(Self::Postgres(text.to_owned()));
        }
        // A password may stand in what looks like a URL of another kind, so it is not said again.
        if text.contains("://") {
            let scheme = text.split("://").next().unwrap_or_default();
            return Err(StoreFault::Address(format!("{scheme}://…")));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        if path.is_empty() { Err(StoreFault::Address(text.to_owned())) } else { Ok(Self::File(path.into())) }
    }
}

impl Database {
    pub(super) async fn open(address: &Address) -> Result<Self, StoreFault> {
        let (ring, bell) = watch::channel(0);
        let kind = match address {
            Address::File(path) => Kind::Sqlite(Sqlite::open(path).await?),
            Address::Postgres(url) => Kind::Postgres(Postgres::open(url, ring.clone()).await?),
        };
        let writer = Writer::start(kind.clone(), ring);
        Ok(Self { kind, writer, bell })
    }

    pub(super) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.clone()
    }

    /// Asks one question.
    pub(super) async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreFault> {
        match &self.kind {
            Kind::Sqlite(database) => database.rows(sql, values).await,
            Kind::Postgres(database) => database.rows(sql, values).await,
        }
    }

    /// Asks a question that has one answer or none.
    pub(super) async fn row(&self, sql: &str, values: &[Value]) -> Result<Option<Row>, StoreFault> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Writes, and returns after the commit; tells whether the guard changed anything.
    pub(super) async fn write(&self, group: Group) -> Result<bool, StoreFault> {
        self.writer.write(group).await
    }
}

impl Kind {
    /// Commits all groups in one transaction; tells of each whether its guard changed anything.
    pub(super) async fn commit(&self, groups: std::sync::Arc<Vec<Group>>) -> Result<Vec<bool>, StoreFault> {
        match self {
            Self::Sqlite(database) => database.commit(groups).await,
            Self::Postgres(database) => database.commit(&groups).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_or_a_url_and_no_fault_tells_a_password() {
        assert_eq!("county.db".parse(), Ok(Address::File("county.db".into())));
        assert_eq!("sqlite:/a/b".parse(), Ok(Address::File("/a/b".into())));
        let url = "postgres://dalaba:secret@db/county";
        assert_eq!(url.parse(), Ok(Address::Postgres(url.to_owned())));
        let fault = "mysql://dalaba:secret@db".parse::<Address>().unwrap_err();
        assert!(!fault.words().zh.contains("secret"), "{fault}");
        assert!("".parse::<Address>().is_err());
    }
}
