//! What `dalaba status` tells of the county: where it is, whether it is there, and what waits to be sent.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::model::Words;

/// Says how it stands with the county.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountyReport {
    /// Where it is.
    pub address: String,
    /// The name under which it knows this daemon.
    pub site: String,
    /// Whether it answered when it was last asked.
    pub online: bool,
    /// When it was last heard; none since the daemon started.
    pub last_contact: Option<DateTime<FixedOffset>>,
    /// Whether it does not know this station any more.
    pub dismissed: bool,
    /// What is being fetched, in 简体中文; empty if nothing is.
    pub fetching_zh: String,
    /// The same in English.
    pub fetching_en: String,
    /// Records that it does not have yet; none while it has not said which it has.
    pub records_waiting: Option<i64>,
    /// Receipts that wait.
    pub receipts_waiting: usize,
    /// What is in the way, in 简体中文; empty if nothing is.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl CountyReport {
    /// Says what only a person can mend. A network that is away for a while is no fault of the station.
    pub(super) fn fault(&self) -> Option<Words> {
        let (site, address) = (&self.site, &self.address);
        self.dismissed.then(|| {
            Words::new(
                format!("县里（{address}）不再认这个站点（{site}）：请要一个新代码，再运行 dalaba enrol"),
                format!("the county ({address}) does not know this station ({site}) any more: get a new code and run dalaba enrol"),
            )
        })
    }
}
