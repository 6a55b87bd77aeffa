//! What a station says to a bundle, in the order in which it asks.

use chrono::Duration;
use dalaba::model::{Serial, Target};
use dalaba::trust::{LARGEST_ENVELOPE, PayloadType, Refusal, Verdict, manifest};

use crate::county::{bundle, held, judged, judged_at, noon, published, root, signed};

#[test]
fn a_newer_bundle_comes_in_and_the_one_that_is_held_is_known() {
    let bytes = published(&bundle(3));
    assert_eq!(judged(&bytes, &root(1), None), Ok(Verdict::New(bundle(3))));
    assert_eq!(judged(&bytes, &root(1), Some(&held(2))), Ok(Verdict::New(bundle(3))));
    // After weeks offline, the bundles between were never seen.
    assert_eq!(judged(&bytes, &root(1), Some(&held(1))), Ok(Verdict::New(bundle(3))));
    assert_eq!(judged(&bytes, &root(1), Some(&held(3))), Ok(Verdict::Held(bundle(3))));
}

#[test]
fn what_is_wrong_is_refused_by_name() {
    let refused = |bytes: &[u8]| judged(bytes, &root(1), Some(&held(2))).unwrap_err().name();
    let by = |people: &[u8]| signed(PayloadType::Bundle, manifest::write(&bundle(3)), people).write();
    let mut forked = bundle(2);
    forked.target = vec![Target::All, Target::All];
    let mut strange = bundle(3);
    strange.previous = None;
    let mut others = bundle(3);
    others.target = vec!["zone:河西".parse().unwrap(), "钱家庄".parse().unwrap()];
    let mut over = bundle(3);
    over.expires = noon();
    assert_eq!(refused(&vec![b'{'; LARGEST_ENVELOPE + 1]), "too_big");
    assert_eq!(refused(b"<html>Please log in</html>"), "not_signed");
    assert_eq!(refused(&by(&[])), "not_signed");
    assert_eq!(refused(&by(&[1, 2, 3, 9])), "not_ours");
    assert_eq!(refused(&published(&bundle(1))), "older");
    assert_eq!(refused(&published(&forked)), "forked");
    assert_eq!(refused(&published(&strange)), "does_not_follow");
    assert_eq!(refused(&published(&over)), "expired");
    assert_eq!(refused(&published(&others)), "not_for_us");
    let nonsense = signed(PayloadType::Bundle, b"{}".to_vec(), &[4]).write();
    assert_eq!(refused(&nonsense), "malformed");
    let root_as_bundle = signed(PayloadType::Root, manifest::write(&bundle(3)), &[4]).write();
    assert_eq!(refused(&root_as_bundle), "malformed");
}

#[test]
fn two_of_the_publishers_are_two_people() {
    let two = root(2);
    let by = |people: &[u8]| signed(PayloadType::Bundle, manifest::write(&bundle(1)), people);
    assert_eq!(judged(&by(&[4, 6]).write(), &two, None), Ok(Verdict::New(bundle(1))));
    assert_eq!(judged(&by(&[5]).write(), &two, None), Err(Refusal::NotOurs));
    let mut twice = by(&[5]);
    twice.signatures.push(twice.signatures[0].clone());
    assert_eq!(judged(&twice.write(), &two, None), Err(Refusal::NotOurs));
}

/// A verifier that remembers the latest time it saw refuses everything for ever after one wrong clock.
#[test]
fn a_clock_that_was_in_the_future_blocks_nothing_later() {
    let bytes = published(&bundle(3));
    let later = noon() + Duration::days(36_500);
    assert_eq!(judged_at(&bytes, &root(1), Some(&held(2)), later).unwrap_err().name(), "expired");
    assert_eq!(judged(&bytes, &root(1), Some(&held(2))), Ok(Verdict::New(bundle(3))));
}

/// What happened to the horns of Fu'an and to the sirens of Dallas: what was recorded once must not be played again.
#[test]
fn an_old_bundle_that_is_played_again_is_refused_also_after_a_withdrawal() {
    let mut withdrawal = bundle(4);
    withdrawal.files.clear();
    assert!(withdrawal.withdraws());
    assert_eq!(judged(&published(&withdrawal), &root(1), Some(&held(3))), Ok(Verdict::New(withdrawal)));
    let again = judged(&published(&bundle(3)), &root(1), Some(&held(4)));
    assert_eq!(again, Err(Refusal::Older { held: Serial(4), found: Serial(3) }));
}

#[test]
fn a_manifest_that_is_signed_but_unsound_changes_nothing() {
    let good = String::from_utf8(manifest::write(&bundle(1))).unwrap();
    let spoilt = [
        good.replace("broadcasts/", "../broadcasts/"),
        good.replace(r#""bytes":1"#, r#""bytes":-1"#),
        good.replace(r#""bytes":1"#, r#""bytes":99999999999"#),
        good.replace(r#""serial":1"#, r#""serial":0"#),
        good.replace(r#"["*"]"#, "[]"),
        good.replace(r#"["*"]"#, r#"["zone:"]"#),
        good.replace(r#""files":["#, r#""colour":"red","files":["#),
    ];
    for text in spoilt {
        assert_ne!(text, good);
        let bytes = signed(PayloadType::Bundle, text.clone().into_bytes(), &[4]).write();
        assert_eq!(judged(&bytes, &root(1), None), Err(Refusal::Malformed), "{text}");
    }
}
