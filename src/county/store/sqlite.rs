//! SQLite: one file, one writer, a few readers beside it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql, TransactionBehavior, ffi};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::StoreFault;
use super::migrations::{self, FOUND, TABLE};
use super::value::{Group, Row, Statement, Value};
use crate::station::clock;

/// Connections that read at the same time.
const READERS: usize = 4;

/// How long one of us waits for another who writes, such as a command typed beside the server.
const BUSY: Duration = Duration::from_secs(10);

/// One file.
#[derive(Debug, Clone)]
pub(super) struct Sqlite {
    path: Arc<PathBuf>,
    writer: Arc<Mutex<Connection>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl Sqlite {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreFault> {
        let path = Arc::new(path.to_owned());
        let place = Arc::clone(&path);
        let writer = blocking(move || prepared(&place)).await?;
        let turns = Arc::new(Semaphore::new(READERS));
        Ok(Self { path, writer: Arc::new(Mutex::new(writer)), readers: Arc::default(), turns })
    }

    pub(super) async fn rows(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreFault> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| StoreFault::Down("closed".to_owned()))?;
        let (path, readers) = (Arc::clone(&self.path), Arc::clone(&self.readers));
        let (sql, values) = (sql.to_owned(), values.to_vec());
        blocking(move || {
            let _turn = turn;
            let free = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let reader = free.map_or_else(|| connection(&path), Ok)?;
            let found = read(&reader, &sql, &values);
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            found
        })
        .await
    }

    pub(super) async fn commit(&self, groups: Arc<Vec<Group>>) -> Result<Vec<bool>, StoreFault> {
        let writer = Arc::clone(&self.writer);
        blocking(move || {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            // Dropped on an error, which rolls it back.
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut applied = Vec::with_capacity(groups.len());
            for group in groups.iter() {
                let done = change(&transaction, &group.guard)? > 0;
                for statement in group.then.iter().filter(|_| done) {
                    change(&transaction, statement)?;
                }
                applied.push(done);
            }
            transaction.commit()?;
            Ok(applied)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, StoreFault> {
    spawn_blocking(work).await.map_err(|error| StoreFault::Refused(error.to_string()))?
}

/// Opens the file and brings its tables up to date.
fn prepared(path: &Path) -> Result<Connection, StoreFault> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| StoreFault::Down(error.to_string()))?;
    }
    let mut writer = connection(path)?;
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(TABLE)?;
    let found = transaction.query_row(FOUND, [], |row| row.get(0))?;
    for (version, statements) in migrations::missing(found)? {
        transaction.execute_batch(statements)?;
        let applied = (version, clock::wall().timestamp_millis());
        transaction.execute("INSERT INTO migration (version, applied_at) VALUES (?1, ?2)", applied)?;
    }
    transaction.commit()?;
    Ok(writer)
}

fn connection(path: &Path) -> Result<Connection, StoreFault> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // What is acknowledged must be on the disk: FULL brings the log there with every commit. From the log pages go to their
    // places after 16 MB, so that one that is written again and again goes there once.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; \
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn read(connection: &Connection, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreFault> {
    let mut statement = connection.prepare_cached(&placed(sql))?;
    bind(&mut statement, values)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..width).map(|place| Ok(value(row.get_ref(place)?)));
        found.push(Row(values.collect::<rusqlite::Result<_>>()?));
    }
    Ok(found)
}

fn change(connection: &Connection, statement: &Statement) -> Result<usize, StoreFault> {
    let mut prepared = connection.prepare_cached(&placed(&statement.sql))?;
    bind(&mut prepared, &statement.values)?;
    Ok(prepared.raw_execute()?)
}

/// For SQLite `$2` is a name, in a list that it walks through from the beginning each time; `?2` is the second place.
fn placed(sql: &str) -> String {
    sql.replace('$', "?")
}

fn bind(statement: &mut CachedStatement<'_>, values: &[Value]) -> Result<(), StoreFault> {
    for place in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(place, values.get(place - 1).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Integer(number) => Value::Number(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // No column holds fractions.
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        let borrowed = match self {
            Self::Null => ValueRef::Null,
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        };
        Ok(rusqlite::types::ToSqlOutput::Borrowed(borrowed))
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        let out_of_reach = [
            ffi::ErrorCode::DatabaseBusy,
            ffi::ErrorCode::DatabaseLocked,
            ffi::ErrorCode::DiskFull,
            ffi::ErrorCode::SystemIoFailure,
            ffi::ErrorCode::CannotOpen,
            ffi::ErrorCode::ReadOnly,
        ];
        match error.sqlite_error_code() {
            Some(code) if out_of_reach.contains(&code) => Self::Down(error.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}
