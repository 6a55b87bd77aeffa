//! The tables, version by version. A version that was released is never changed; what changes comes as another one.

use super::StoreFault;

/// Every version's statements, from 1.
pub(super) const VERSIONS: &[&str] = &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql")];

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
