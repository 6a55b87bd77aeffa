//! The tables, version by version. A version that was released is never changed; what changes comes as another one.

use super::StoreFault;

/// Every version's statements, from 1.
pub(super) const VERSIONS: &[&str] =
    &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// Remembers which versions were applied.
pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// Finds the version that a database has; 0 if none.
pub(super) const FOUND: &str = "SELECT COALESCE(MAX(version), 0) FROM migration";

/// Lists the versions that a database of version `found` lacks.
pub(super) fn missing(found: i64) -> Result<impl Iterator<Item = (i64, &'static str)>, StoreFault> {
    let known = i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreFault::Newer { found, known });
    }
    Ok((1..).zip(VERSIONS.iter().copied()).filter(move |(version, _)| *version > found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_an_older_version_keeps_its_records_and_takes_new_ones() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(VERSIONS[0]).unwrap();
        let insert = "INSERT INTO fact (site, epoch, seq, hash, received_at, late, facts, kind) \
                      VALUES ('河东', x'00', 1, x'01', 0, 0, '{}', 'closed')";
        db.execute_batch(insert).unwrap();
        for (_, statements) in missing(1).unwrap() {
            db.execute_batch(statements).unwrap();
        }
        let sql = "SELECT kind, heard, level_millibel FROM fact";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let old: (String, Option<String>, Option<i64>) = db.query_row(sql, [], read).unwrap();
        assert_eq!(old, ("closed".to_owned(), None, None));
        assert_eq!(missing(i64::try_from(VERSIONS.len()).unwrap()).unwrap().count(), 0);
    }
}
