//! Bundles that were changed on the way, by the hundred thousand: none may come in.
//!
//! `DALABA_MUTATIONS=1000000` asks for more of them; `DALABA_SEED` repeats a run.

use std::env;

use dalaba::trust::{Root, Verdict};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::county::{bundle, held, judged, published, root};

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// One change that needs no key: bits, bytes, pieces of other bundles, pieces doubled or lost.
fn changed(bytes: &[u8], other: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let at = random.random_range(0..changed.len());
    let to = random.random_range(at..=changed.len().min(at + 64));
    match random.random_range(0..7) {
        0 => changed[at] ^= 1 << random.random_range(0..8),
        1 => changed[at] = random.random(),
        2 => changed.truncate(at),
        3 => drop(changed.drain(at..to)),
        4 => {
            let piece = changed[at..to].to_vec();
            drop(changed.splice(to..to, piece));
        }
        5 => {
            let (from, until) = (at.min(other.len()), to.min(other.len()));
            drop(changed.splice(at..to, other[from..until].iter().copied()));
        }
        _ => {
            let (from, until) = (at.min(other.len()), other.len());
            changed.truncate(at);
            changed.extend_from_slice(&other[from..until]);
        }
    }
    changed
}

/// Whether a bundle came in that nobody signed. The very bytes that were signed may come in another wrapping.
fn is_forged(bytes: &[u8], root: &Root) -> bool {
    let genuine = [bundle(2), bundle(3)];
    match judged(bytes, root, Some(&held(1))) {
        Ok(Verdict::New(found) | Verdict::Held(found)) => !genuine.contains(&found),
        Err(_) => false,
    }
}

#[test]
fn no_changed_bundle_comes_in() {
    let (count, seed) = (number("DALABA_MUTATIONS", 100_000), number("DALABA_SEED", 20_261_124));
    println!("{count} mutations, seed {seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (root, two, three) = (root(1), published(&bundle(2)), published(&bundle(3)));
    let mut refused = 0;
    for at in 0..count {
        let mut bytes = changed(&two, &three, &mut random);
        for _ in 0..random.random_range(0..3) {
            if !bytes.is_empty() {
                bytes = changed(&bytes, &three, &mut random);
            }
        }
        assert!(!is_forged(&bytes, &root), "mutation {at}: {}", String::from_utf8_lossy(&bytes));
        refused += u64::from(judged(&bytes, &root, Some(&held(1))).is_err());
    }
    // Else the changes would be none.
    assert!(refused > count * 9 / 10, "{refused} of {count}");
}

#[test]
fn no_part_of_a_bundle_comes_in() {
    let bytes = published(&bundle(2));
    // The line's end is no part of what is said.
    for length in 0..bytes.len() - 1 {
        assert!(judged(&bytes[..length], &root(1), None).is_err(), "{length} bytes");
    }
}
