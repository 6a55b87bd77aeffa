//! Bundles and alerts that were changed on the way, a million of them: none may come in.
//!
//! Whoever stands on the way has everything that was ever signed, and no key: so signed pieces are put together anew, as well as
//! bits turned over. `DALABA_MUTATIONS=100000` asks for fewer of them; `DALABA_SEED` for others.

use std::collections::BTreeMap;
use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use dalaba::trust::{Envelope, Signature};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::county::{bundle, held, judged, key, published, root};
use crate::signed::{Kind, Stolen};

/// Pieces of work: what is tried is the same, however many processors share it.
const SHARDS: u64 = 16;

/// How many came to which end.
type Verdicts = BTreeMap<&'static str, u64>;

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// One change that needs no key: bits, bytes, pieces of other bundles, pieces doubled or lost.
fn changed(mut bytes: Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    if bytes.is_empty() {
        return other.to_vec();
    }
    let at = random.random_range(0..bytes.len());
    let to = random.random_range(at..=bytes.len().min(at + 64));
    match random.random_range(0..7) {
        0 => bytes[at] ^= 1 << random.random_range(0..8),
        1 => bytes[at] = random.random(),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..to)),
        4 => {
            let piece = bytes[at..to].to_vec();
            drop(bytes.splice(to..to, piece));
        }
        5 => {
            let (from, until) = (at.min(other.len()), to.min(other.len()));
            drop(bytes.splice(at..to, other[from..until].iter().copied()));
        }
        _ => {
            bytes.truncate(at);
            bytes.extend_from_slice(&other[at.min(other.len())..]);
        }
    }
    bytes
}

/// Changes what is said: a file's sum, the number, whom it is for, how long it counts.
fn reworded(payload: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let text = String::from_utf8_lossy(payload);
    let changes = [
        ("\"serial\":2", "\"serial\":9"),
        ("\"*\"", "\"赵家庄\""),
        ("2026-12", "2036-12"),
        ("broadcasts/", "audio/"),
        ("\"drill\"", "\"actual\""),
        ("\"routine\"", "\"emergency\""),
        ("\"expires\":\"2026", "\"expires\":\"2027"),
    ];
    let (from, to) = changes[random.random_range(0..changes.len())];
    let reworded = text.replace(from, to).into_bytes();
    if reworded == payload { changed(reworded, payload, random) } else { reworded }
}

/// Puts signed pieces together anew.
fn recombined(envelope: &Envelope, stolen: &Stolen, random: &mut ChaCha8Rng) -> Envelope {
    let mut new = envelope.clone();
    let other = &stolen.envelopes[random.random_range(0..stolen.envelopes.len())];
    match random.random_range(0..8) {
        0 => new.payload = reworded(&new.payload, random),
        1 => new.payload.clone_from(&other.payload),
        2 => new.signatures.clone_from(&other.signatures),
        3 => new.payload_type.clone_from(&other.payload_type),
        // One signature over and over, and under everybody's name.
        4 => {
            let bytes = new.signatures[0].bytes.clone();
            let names = (1..=9).cycle().take(random.random_range(1..32));
            new.signatures = names
                .map(|person| Signature { key: key(person).public().id(), bytes: bytes.clone() })
                .collect();
        }
        5 => new.signatures.extend(other.signatures.clone()),
        6 => {
            let turned = &mut new.signatures[0].bytes;
            let at = random.random_range(0..turned.len());
            turned[at] ^= 1 << random.random_range(0..8);
        }
        _ => {
            new.signatures[0].key = key(random.random_range(1..=9)).public().id();
            new.payload = changed(new.payload, &other.payload, random);
        }
    }
    new
}

fn mutated(stolen: &Stolen, random: &mut ChaCha8Rng) -> Vec<u8> {
    let first = random.random_range(0..stolen.envelopes.len());
    let other = &stolen.written[random.random_range(0..stolen.written.len())];
    let mut bytes = if random.random_bool(0.5) {
        recombined(&stolen.envelopes[first], stolen, random).write()
    } else {
        changed(stolen.written[first].clone(), other, random)
    };
    for _ in 0..random.random_range(0..3) {
        if random.random_bool(0.3) {
            bytes = changed(bytes, other, random);
        }
    }
    bytes
}

/// Tries one share; returns how many were refused, by the reason.
fn share(kind: Kind, shard: u64, seed: u64, count: u64) -> Verdicts {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ shard << 32);
    // Where it takes two to publish, one person's signatures are never enough, however often they are there.
    let threshold = if shard.is_multiple_of(2) { 1 } else { 2 };
    let (stolen, mut refused) = (Stolen::of(kind, threshold), Verdicts::new());
    for at in 0..count {
        let bytes = mutated(&stolen, &mut random);
        let verdict = stolen.verdict(&bytes);
        assert!(
            verdict != Some("forged"),
            "{kind:?}, seed {seed}, shard {shard}, number {at}: {}",
            String::from_utf8_lossy(&bytes)
        );
        *refused.entry(verdict.unwrap_or("genuine, in another wrapping")).or_default() += 1;
    }
    refused
}

/// Shares the work out among the processors.
fn tried(kind: Kind, count: u64) -> Verdicts {
    let (seed, next) = (number("DALABA_SEED", 20_261_126), AtomicU64::new(0));
    let work = || {
        let mut found = Verdicts::new();
        loop {
            let shard = next.fetch_add(1, Ordering::Relaxed);
            if shard >= SHARDS {
                return found;
            }
            for (reason, count) in share(kind, shard, seed, count / SHARDS) {
                *found.entry(reason).or_default() += count;
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut all = Verdicts::new();
        for (reason, count) in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            *all.entry(reason).or_default() += count;
        }
        all
    })
}

#[test]
fn of_a_million_changed_bundles_and_alerts_none_comes_in() {
    let count = number("DALABA_MUTATIONS", 1_000_000);
    for (kind, count) in [(Kind::Bundle, count * 3 / 4), (Kind::Alert, count / 4)] {
        let verdicts = tried(kind, count);
        println!("{kind:?}: {count} tried, 0 came in: {verdicts:?}");
        let genuine = verdicts.get("genuine, in another wrapping").copied().unwrap_or_default();
        // Else the changes would be none, or no change would come as far as the signatures.
        assert!(genuine < count / 10, "{genuine} of {count}");
        assert!(verdicts["not_ours"] > count / 4, "{verdicts:?}");
    }
}

#[test]
fn no_part_of_a_bundle_comes_in() {
    let (bytes, root) = (published(&bundle(2)), root(1));
    // The line's end is no part of what is said.
    for length in 0..bytes.len() - 1 {
        assert!(judged(&bytes[..length], &root, Some(&held(1))).is_err(), "{length} bytes");
    }
}
