//! The database's tables, triggers and indexes, and how it is opened.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::JournalError;
use super::row::{COLUMNS, FIRST_COLUMNS, kind};
use crate::model::{Audible, Doubt, Outcome, Priority, Reason, Status, Switch, SwitchCause};

/// Name of the database in the state folder.
pub(super) const FILE: &str = "as-run.sqlite3";

/// Format of the database, in `PRAGMA user_version`. A newer one is refused; an older one is read as it is, and brought
/// up by the next writer.
pub(super) const VERSION: i64 = 2;

/// Marks the file as ours for `file(1)` and for people: `dala` in ASCII.
const APPLICATION: i64 = 0x6461_6c61;

/// Longest wait for another program's lock. Readers never lock us out; a person with `sqlite3` may.
const PATIENCE: Duration = Duration::from_secs(2);

/// Shape of every UTC instant.
const UTC_SHAPE: &str =
    "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z";

/// Returns where the database of `folder` lies.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Opens the database for the one writer, and makes it if it is not there.
pub(super) fn open_writer(folder: &Path) -> Result<Connection, JournalError> {
    let sorted = |error| JournalError::sorted(error, folder);
    let connection = Connection::open(path(folder)).map_err(sorted)?;
    connection.busy_timeout(PATIENCE).map_err(sorted)?;
    let version = version(&connection).map_err(sorted)?;
    refuse_newer(version)?;
    // FULL: a record that was acknowledged is on the card, whatever happens to the power next.
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;
        PRAGMA journal_size_limit = 4194304;";
    connection.execute_batch(pragmas).map_err(sorted)?;
    match version {
        VERSION => {}
        0 => connection.execute_batch(&creation(VERSION)).map_err(sorted)?,
        _ => {
            tracing::info!(from = version, to = VERSION, "the as-run log is brought up to this version");
            connection.execute_batch(&upgrade()).map_err(sorted)?;
        }
    }
    Ok(connection)
}

/// Opens the database for reading only. Nothing is written, not even beside it, when no write-ahead log is there.
///
/// Without a write-ahead log nobody writes, and everything is in the one file: `immutable` reads it without making the
/// helper files that an account with mere read permission could not make. With one, SQLite's ordinary read-only way
/// needs to read the helper files and no more.
pub(super) fn open_reader(folder: &Path) -> Result<Connection, JournalError> {
    let sorted = |error| JournalError::sorted(error, folder);
    let file = path(folder);
    if !file.exists() {
        return Err(JournalError::Absent(folder.to_owned()));
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let frozen = !folder.join(format!("{FILE}-wal")).exists();
    let connection = Connection::open_with_flags(uri(&file, frozen), flags).map_err(sorted)?;
    connection.busy_timeout(PATIENCE).map_err(sorted)?;
    let version = version(&connection).map_err(sorted)?;
    if version == 0 {
        // Made by a writer that has not come to its first record.
        return Err(JournalError::Absent(folder.to_owned()));
    }
    refuse_newer(version)?;
    connection.execute_batch(&views(version)).map_err(sorted)?;
    Ok(connection)
}

/// Writes the views by which a reader sees a log of any version as one of this version. They lie in the memory of the
/// reader; the log is not touched.
fn views(version: i64) -> String {
    if version == VERSION {
        let verdict = format!("SELECT * FROM record WHERE kind = '{}'", kind::MONITORED);
        return format!("PRAGMA temp_store = MEMORY; CREATE TEMP VIEW verdict AS {verdict}");
    }
    let added: String =
        COLUMNS[FIRST_COLUMNS..].iter().fold(String::new(), |text, name| text + ", NULL AS " + name);
    format!(
        "PRAGMA temp_store = MEMORY;
        CREATE TEMP VIEW record AS SELECT *{added} FROM main.record;
        CREATE TEMP TABLE verdict (seq INTEGER, airing TEXT)"
    )
}

fn refuse_newer(found: i64) -> Result<(), JournalError> {
    if found > VERSION { Err(JournalError::Newer { found, known: VERSION }) } else { Ok(()) }
}

/// Tells which version a database is of; 0 if it is empty.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Writes a path as SQLite's URI; every byte that could mean something in a URI is escaped.
fn uri(file: &Path, frozen: bool) -> String {
    let mut uri = String::from("file:");
    for byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(uri, "%{byte:02x}")),
        }
    }
    uri.push_str(if frozen { "?immutable=1" } else { "" });
    uri
}

/// Writes the statements that bring a database of version 1 up to [`VERSION`], as one transaction: after a power cut it is
/// either. SQLite cannot change a CHECK, so that the records are copied; the chain goes with them, as it is.
fn upgrade() -> String {
    let mut script = String::from("BEGIN IMMEDIATE;\nALTER TABLE record RENAME TO record_before;\n");
    let kept = format!("{}, hash", COLUMNS[..FIRST_COLUMNS].join(", "));
    for (name, statement) in objects(VERSION) {
        script.push_str(&statement);
        script.push_str(";\n");
        if name == "record" {
            // Dropped before its namesakes are made: the old indexes and triggers go with their table.
            let copied = format!("INSERT INTO record ({kept}) SELECT {kept} FROM record_before ORDER BY seq");
            // Writing to a String cannot fail.
            let _ = write!(script, "{copied};\nDROP TABLE record_before;\n");
        }
    }
    script + &format!("PRAGMA user_version = {VERSION}; COMMIT;")
}

/// Writes the statements that make a database of `version`, as one transaction.
fn creation(version: i64) -> String {
    let mut script = String::from("BEGIN IMMEDIATE;\n");
    for (_, statement) in objects(version) {
        script.push_str(&statement);
        script.push_str(";\n");
    }
    // Writing to a String cannot fail.
    let _ = write!(script, "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {version}; COMMIT;");
    script
}

/// Lists every object of a database of `version` with the statement that makes it, just as SQLite remembers it.
pub(super) fn objects(version: i64) -> Vec<(&'static str, String)> {
    let refuse = |name: &str, when: &str, why: &str| {
        format!("CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
    };
    let insert = |condition: &str| format!("INSERT ON record WHEN {condition}");
    // The triggers stand before the unique indexes because INSERT OR REPLACE would quietly delete what an index guards.
    let in_turn = "new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record)";
    let once = "new.airing IS NOT NULL AND EXISTS (SELECT 1 FROM record WHERE airing = new.airing \
        AND (kind = 'closed' OR kind = new.kind OR new.kind = 'ordered'))";
    let judged = "new.kind = 'monitored' AND (EXISTS (SELECT 1 FROM record WHERE airing = new.airing \
        AND kind = 'monitored') OR NOT EXISTS (SELECT 1 FROM record WHERE airing = new.airing AND kind = 'closed'))";
    let first = version == 1;
    let once = if first { once.to_owned() } else { format!("new.kind <> 'monitored' AND {once}") };
    let mut objects = vec![
        ("record", table(first)),
        ("one_order", unique("one_order", kind::ORDERED)),
        ("one_on_air", unique("one_on_air", kind::ON_AIR)),
        ("one_close", unique("one_close", kind::CLOSED)),
        ("by_due", "CREATE INDEX by_due ON record (due_utc) WHERE airing IS NOT NULL".to_owned()),
        ("no_update", refuse("no_update", "UPDATE ON record", "records are never changed")),
        ("no_delete", refuse("no_delete", "DELETE ON record", "records are never deleted")),
        ("in_turn", refuse("in_turn", &insert(in_turn), "records are numbered in turn")),
        ("once", refuse("once", &insert(&once), "an airing is ordered first, on air once and closed once")),
    ];
    if !first {
        objects.push(("one_verdict", unique("one_verdict", kind::MONITORED)));
        objects
            .push(("judged", refuse("judged", &insert(judged), "an airing is judged once, after its close")));
    }
    objects
}

fn unique(name: &str, kind: &str) -> String {
    format!("CREATE UNIQUE INDEX {name} ON record (airing) WHERE kind = '{kind}'")
}

fn table(first: bool) -> String {
    let columns = if first { &COLUMNS[..FIRST_COLUMNS] } else { COLUMNS };
    let columns = columns.iter().map(|column| format!("  {column} {},\n", column_rule(column, first)));
    let body: String = columns.collect();
    format!(
        "CREATE TABLE record (\n{body}  hash BLOB NOT NULL CHECK (length(hash) = 32),\n{}) STRICT",
        table_rules(first)
    )
}

/// Returns a column's type and what SQLite itself refuses to store there.
fn column_rule(column: &str, first: bool) -> String {
    let closed = |words: Vec<&str>| format!("TEXT CHECK ({column} IN ({}))", quoted(&words));
    match column {
        "seq" => "INTEGER PRIMARY KEY".to_owned(),
        "format" | "run" => format!("INTEGER NOT NULL CHECK ({column} > 0)"),
        "at" => format!("TEXT NOT NULL CHECK (at GLOB '{UTC_SHAPE}')"),
        "due_utc" | "started" | "ended" | "clock_from" | "clock_to" => {
            format!("TEXT CHECK ({column} GLOB '{UTC_SHAPE}')")
        }
        "kind" => {
            let kinds = if first { kind::FIRST } else { kind::ALL };
            format!("TEXT NOT NULL CHECK (kind IN ({}))", quoted(kinds))
        }
        "heard" => closed(Audible::ALL.iter().map(|word| word.as_str()).collect()),
        "switch" => closed(Switch::ALL.iter().map(|word| word.as_str()).collect()),
        "cause" => closed(SwitchCause::ALL.iter().map(|word| word.as_str()).collect()),
        "doubt" => closed(Doubt::ALL.iter().map(|word| word.as_str()).collect()),
        "level_millibel" => "INTEGER".to_owned(),
        "priority" => closed(Priority::ALL.iter().map(|word| word.as_str()).collect()),
        "status" => closed(Status::ALL.iter().map(|word| word.as_str()).collect()),
        "outcome" => closed(Outcome::ALL.iter().map(|word| word.as_str()).collect()),
        "reason" => closed(Reason::ALL.iter().map(|word| word.as_str()).collect()),
        "start" => closed(vec!["soft", "hard"]),
        "origin" => closed(vec!["schedule", "said"]),
        "clock" => closed(vec!["trusted", "untrusted", "stepped"]),
        "position" | "grace_ms" | "times" | "planned_ms" | "heard_ms" | "readings" | "steady_ms"
        | "anchor_seq" | "score_permille" | "delay_ms" | "missed" => {
            format!("INTEGER CHECK ({column} >= 0)")
        }
        _ => "TEXT".to_owned(),
    }
}

/// Returns the rules across columns: each kind of record has what belongs to it, and nothing else.
fn table_rules(first: bool) -> String {
    let named = if first {
        "(kind IN ('ordered', 'on_air', 'closed')) = (airing IS NOT NULL)"
    } else {
        "(kind IN ('ordered', 'on_air', 'closed', 'monitored')) = (airing IS NOT NULL)"
    };
    let rules = [
        named,
        "kind <> 'ordered' OR origin = 'said'",
        "(airing IS NULL) = (station IS NULL) AND (airing IS NULL) = (due_utc IS NULL)",
        "(airing IS NULL) = (message IS NULL) AND (airing IS NULL) = (due IS NULL)",
        "(kind = 'closed') = (outcome IS NOT NULL)",
        "kind <> 'closed' OR outcome = 'completed_late' OR (outcome = 'completed') = (reason IS NULL)",
        "kind = 'closed' OR reason IS NULL",
        "(kind = 'run_started') = (boot IS NOT NULL)",
        "(kind IN ('run_started', 'clock')) = (clock IS NOT NULL)",
        "(clock IS 'stepped') = (clock_from IS NOT NULL) AND (clock_from IS NULL) = (clock_to IS NULL)",
    ];
    let added = [
        "(kind = 'monitored') = (heard IS NOT NULL)",
        "(heard IS 'unknown') = (doubt IS NOT NULL)",
        "(kind = 'monitored') = (missed IS NOT NULL)",
        "kind = 'monitored' OR (level_millibel IS NULL AND score_permille IS NULL)",
        "kind = 'monitored' OR (delay_ms IS NULL AND kept IS NULL)",
        "(kind = 'switched') = (amplifier IS NOT NULL)",
        "(amplifier IS NULL) = (switch IS NULL) AND (amplifier IS NULL) = (cause IS NULL)",
        "kind = 'switched' OR switched_for IS NULL",
    ];
    let rules = rules.iter().chain(if first { &[][..] } else { &added[..] });
    let lines: Vec<String> = rules.map(|rule| format!("  CHECK ({rule})")).collect();
    format!("{}\n", lines.join(",\n"))
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_tables_of_released_versions_never_change() {
        // A word that is added to a closed list changes a CHECK: logs in the field need a migration and a new VERSION.
        let sum: [u8; 32] = Sha256::digest(creation(1)).into();
        let sum = data_encoding::HEXLOWER.encode(&sum);
        assert_eq!(sum, "dc009f9349120458bd3ceba27df5241553ad270045762e795cb027d934a752f4");
    }

    #[test]
    fn a_log_of_version_1_is_read_as_it_is_and_brought_up_by_the_next_writer() {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(path(folder.path())).unwrap().execute_batch(&creation(1)).unwrap();
        let described = |db: &Connection| {
            let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
            let mut statement = db.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<rusqlite::Result<std::collections::BTreeMap<String, String>>>().unwrap()
        };
        let ours = |version| {
            objects(version)
                .into_iter()
                .map(|(name, sql)| (name.to_owned(), sql))
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        assert_eq!(described(&open_reader(folder.path()).unwrap()), ours(1));
        assert_eq!(described(&open_writer(folder.path()).unwrap()), ours(VERSION));
        assert_eq!(described(&open_writer(folder.path()).unwrap()), ours(VERSION));
    }

    #[test]
    fn a_folder_with_a_chinese_name_and_a_question_mark_can_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("大喇叭?mode=rwc&x#%");
        std::fs::create_dir(&folder).unwrap();
        drop(open_writer(&folder).unwrap());
        assert!(open_reader(&folder).is_ok());
    }
}
