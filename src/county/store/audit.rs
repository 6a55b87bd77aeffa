//! Who did what at the county: enrolled, revoked, published.

use chrono::{DateTime, Utc};

use super::value::{Row, Statement};
use super::{Store, StoreFault};

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a person's account at the office, the keys that signed, or a site.
    pub who: String,
    /// What: `code`, `enrolled`, `locked`, `revoked`, `bundle`, `alert`, `root`.
    pub did: String,
    /// What it was about: a site, a campaign and its number, a root's version.
    pub about: String,
}

/// Writes that `who` did something, together with the thing itself.
pub(super) fn deed(at: i64, who: &str, did: &str, about: &str) -> Statement {
    Statement::new(
        "INSERT INTO audit (at, who, did, about) VALUES ($1, $2, $3, $4)",
        vec![at.into(), who.into(), did.into(), about.into()],
    )
}

impl Store {
    /// Lists the newest deeds, at most `most`, newest first.
    pub async fn deeds(&self, most: u32) -> Result<Vec<Deed>, StoreFault> {
        let sql = "SELECT at, who, did, about FROM audit ORDER BY at DESC LIMIT $1";
        let rows = self.database.rows(sql, &[i64::from(most).into()]).await?;
        let read = |row: &Row| {
            Ok(Deed {
                at: moment(row.number(0, "deed")?),
                who: row.text(1, "deed")?,
                did: row.text(2, "deed")?,
                about: row.text(3, "deed")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

/// Turns a column of milliseconds into an instant; one that no calendar has becomes 1970.
pub(super) fn moment(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::UNIX_EPOCH)
}
