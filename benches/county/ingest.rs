//! Records of many villages at once, counted when they are on the server's disk.

use std::sync::Arc;

use dalaba::station::clock;
use dalaba::station::journal::{BEFORE_THE_FIRST, Reader};
use dalaba::wire::{AS_RUN, Acknowledged, Batch, Fact, MOST_FACTS};
use tokio::task::JoinSet;

use super::RECORDS;
use super::log::{closed, journal};
use super::server::{Connection, Server};

/// Villages that send at the same time.
pub(crate) const SITES: usize = 32;

/// Records of each.
const EACH: usize = 10_000;

/// Sends the same log for every village, batch by batch, each after the answer to the one before.
pub(crate) async fn measure(database: &str, server: &Server) {
    let batches: Arc<[Vec<u8>]> = batches(&facts()).into();
    let start = clock::steady();
    let mut sending = JoinSet::new();
    for token in server.tokens().take(SITES) {
        let (at, batches) = (server.at, Arc::clone(&batches));
        sending.spawn(async move {
            let mut connection = Connection::open(at).await;
            for batch in batches.iter() {
                let answer = connection.post(AS_RUN, Some(&token), batch.clone()).await;
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                let _: Acknowledged = serde_json::from_slice(&answer.body).expect("an acknowledgement");
            }
        });
    }
    sending.join_all().await;
    let rate = (SITES * EACH) as f64 / clock::steady().saturating_sub(start).as_secs_f64();
    println!("{database}: {rate:.0} records/s on the disk, {:.2} of the goal of {RECORDS}", rate / RECORDS);
}

/// Writes a log, and reads it out again as a courier does.
fn facts() -> Vec<Fact> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = journal(folder.path());
    let records: Vec<_> = (1..).map(closed).take(EACH).collect();
    journal.commit_all(&records).expect("a commit");
    Reader::open(folder.path()).and_then(|reader| reader.facts(0, EACH)).expect("records")
}

fn batches(facts: &[Fact]) -> Vec<Vec<u8>> {
    let epoch = facts[0].hash;
    let mut previous = BEFORE_THE_FIRST.into();
    let mut batches = Vec::new();
    for part in facts.chunks(MOST_FACTS) {
        let batch = Batch { epoch, previous, facts: part.to_vec() };
        previous = part[part.len() - 1].hash;
        batches.push(serde_json::to_vec(&batch).expect("a batch"));
    }
    batches
}
