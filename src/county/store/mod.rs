//! What the county keeps, in SQLite or in PostgreSQL by the same words: typed rows leave this room, and word of every change.

mod audit;
mod database;
mod fault;
mod files;
mod logs;
mod migrations;
mod offers;
mod postgres;
mod promoted;
mod reports;
mod secure;
mod sites;
mod sqlite;
mod telling;
mod value;
mod writer;

pub use audit::Deed;
pub use database::{Address, Database};
pub use fault::StoreFault;
pub use files::PIECE;
pub use logs::{Head, LATE, StoredFact};
pub use offers::{Changes, StoredAlert, StoredBundle};
pub use reports::StoredHealth;
pub use sites::{Applicant, StoredCode, StoredSite};
pub use telling::{StoredLog, StoredTelling};

/// The county's store.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the database at `address`, and brings its tables up to date.
    pub async fn open(address: &Address) -> Result<Self, StoreFault> {
        Ok(Self { database: Database::open(address).await? })
    }

    /// Returns a bell that rings in this node when something was stored that others wait for, at this node or another.
    pub fn bell(&self) -> tokio::sync::watch::Receiver<u64> {
        self.database.bell()
    }

    /// Finds out that the database answers.
    pub async fn answers(&self) -> Result<(), StoreFault> {
        self.changes().await.map(drop)
    }
}
