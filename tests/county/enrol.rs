//! Codes let a village in once, and nobody who guesses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dalaba::wire::{Code, EnrolRequest, Enrolled, Token, client_proof, token};

use super::office::Office;
use super::office::SOON;
use super::poll;
use super::village::{Link, enrolled, request};

#[test]
fn a_code_lets_one_village_in_once_and_a_revoked_one_is_out() {
    let office = Office::new();
    let server = office.serve(&[]);
    let code = office.code("赵家庄");
    let (village, answer) = server.stranger().enrol(&code, &["赵家庄\t河东"]).ok().unwrap();
    assert_eq!((answer.site.as_str(), answer.certificate), ("赵家庄", None));
    assert_eq!(answer.roots, [fs::read_to_string(office.path("keys/root.json")).unwrap()]);
    assert_eq!(village.poll("", 0).status, 200);

    let again = server.stranger().enrol(&code, &["赵家庄\t河东"]).err().unwrap();
    assert_eq!(again.refusal(), (403, "unknown_code".to_owned()));
    let database = fs::read(office.database()).unwrap();
    assert!(!database.windows(24).any(|bytes| bytes == code.as_bytes()), "a used code is gone from the disk");

    office.done(&["county", "revoke", "赵家庄"]);
    poll::until("the revocation", SOON, || (village.poll("", 0).status == 403).then_some(()));
    assert_eq!(village.poll("", 0).refusal(), (403, "revoked".to_owned()));
    let twice = office.refused(&["county", "revoke", "赵家庄"]);
    assert!(twice.contains("revoked already"), "{twice}");

    // Enrolled anew it is in again, and the old token stays worthless.
    let anew = enrolled(&office, &server);
    assert_eq!(anew.poll("", 0).status, 200);
    assert_eq!(village.poll("", 0).refusal(), (401, "unknown_token".to_owned()));
    assert_eq!(server.stranger().poll("", 0).refusal(), (401, "unknown_token".to_owned()));
}

/// The line broke after the county had let the village in: the village does not know that, and asks again.
#[test]
fn an_answer_that_was_lost_is_given_again_to_the_same_question_and_to_no_other() {
    let office = Office::new();
    let server = office.serve(&[]);
    let code: Code = office.code("赵家庄").parse().unwrap();
    let asked = request(&code, &["赵家庄\t河东"]);
    let ask = |request: &EnrolRequest| server.stranger().send("/v1/enrol", request);
    let lost = ask(&asked).json::<Enrolled>();
    let again = ask(&asked).json::<Enrolled>();
    assert_eq!(again, lost);
    let village = server.stranger().knowing(token(&code, &asked.nonce, &again.nonce));
    assert_eq!(village.poll("", 0).status, 200);
    // Another question is another station, also if it knows the code.
    let other = request(&code, &["赵家庄\t河东"]);
    assert_eq!(ask(&other).refusal(), (403, "unknown_code".to_owned()));
    let moved = EnrolRequest { stations: vec!["赵家庄\t河西".to_owned()], ..asked };
    assert_eq!(ask(&EnrolRequest { proof: client_proof(&code, &moved), ..moved }).status, 403);
    let database = fs::read(office.database()).unwrap();
    let secret = code.to_string();
    assert!(!database.windows(24).any(|bytes| bytes == secret.as_bytes()), "the code is gone from the disk");
}

#[test]
fn wrong_proofs_lock_a_code_and_a_right_one_does_not_open_it_again() {
    let office = Office::new();
    let server = office.serve(&[]);
    let code = office.code("赵家庄");
    let right = code.parse::<Code>().unwrap();
    let other = Code::of(&[7; 13]);
    for _ in 0..5 {
        let mut wrong = request(&right, &["赵家庄"]);
        wrong.proof = client_proof(&other, &wrong);
        let answer = server.stranger().send("/v1/enrol", &wrong);
        assert_eq!(answer.refusal(), (403, "wrong_proof".to_owned()));
    }
    let late = server.stranger().enrol(&code, &["赵家庄"]).err().unwrap();
    assert_eq!(late.refusal(), (403, "locked".to_owned()));
    // Another code for the same village takes the place of the one that is locked.
    assert!(server.stranger().enrol(&office.code("赵家庄"), &["赵家庄"]).is_ok());
}

#[test]
fn what_a_village_proves_covers_its_stations() {
    let office = Office::new();
    let server = office.serve(&[]);
    let code: Code = office.code("赵家庄").parse().unwrap();
    let mut moved = request(&code, &["赵家庄\t河东"]);
    moved.stations = vec!["赵家庄\t河西".to_owned()];
    assert_eq!(server.stranger().send("/v1/enrol", &moved).refusal().1, "wrong_proof");
    for stations in [vec![], vec!["赵/家庄"], vec![""], vec!["一"; 257]] {
        let answer = server.stranger().send("/v1/enrol", &request(&code, &stations));
        assert_eq!(answer.refusal(), (400, "malformed".to_owned()), "{stations:?}");
    }
}

#[test]
fn one_address_may_not_try_codes_without_end() {
    let office = Office::new();
    let server = office.serve(&["--behind-proxy"]);
    let code = Code::of(&[9; 13]);
    let tried = |_| server.stranger().send("/v1/enrol", &request(&code, &["赵家庄"]));
    let last = (0..700).map(tried).find(|answer| answer.status == 429).expect("600 a minute are allowed");
    assert_eq!(last.refusal().1, "too_often");
    assert_ne!(last.header("retry-after"), "");
}

#[test]
fn over_tls_a_village_learns_by_the_code_which_certificate_to_know_the_county_by() {
    let office = Office::new();
    let make = |name: &str| {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        office.write("county.pem", &made.cert.pem());
        office.write("county.key", &made.signing_key.serialize_pem());
        made.cert.pem()
    };
    let first = make("localhost");
    let server = office.serve(&["--certificate", "county.pem", "--key", "county.key"]);
    let link = Link::tls(&server.at, &first);
    let (village, answer) = link.enrol(&office.code("赵家庄"), &["赵家庄"]).ok().unwrap();
    assert_eq!(answer.certificate, Some(first));
    assert_eq!(village.poll("", 0).status, 200);

    let second = make("localhost");
    server.hang_up();
    let renewed = Link::tls(&server.at, &second);
    poll::until("the new certificate", SOON, || renewed.try_get("/healthz", &[]).ok());
    assert!(server.terminate().success());
}

#[test]
fn without_a_certificate_the_server_keeps_to_its_own_machine() {
    let office = Office::new();
    let said = office.refused(&["county", "serve", "--listen", "0.0.0.0:0"]);
    assert!(said.contains("without a certificate"), "{said}");
}

/// EAS zombies, 2013: the default password was in the manual. Crosswalks, 2025: the PIN was 1234.
#[test]
fn eas_2013_and_crosswalks_2025_no_default_secret_ships_and_none_is_accepted() {
    let office = Office::new();
    let server = office.serve(&[]);
    enrolled(&office, &server);
    for guess in ["", " ", "1234", "0000", "admin", "dalaba"] {
        let village = server.stranger().knowing(Token(guess.to_owned()));
        assert_eq!(village.poll("", 0).status, 401, "token {guess:?}");
        office.write("guess", &format!("{guess}\n"));
        let told = office.refused(&["keys", "new", "张", "--passphrase-file", "guess"]);
        assert!(told.contains("8 characters"), "{guess:?}: {told}");
        assert!(guess.parse::<Code>().is_err(), "{guess:?} is no code");
    }
    // Each code is another one, and none can be guessed from the one before.
    let codes: BTreeSet<String> = (0..8).map(|_| office.code("王家沟")).collect();
    let parts: BTreeSet<&str> = codes.iter().flat_map(|code| code.split('-')).collect();
    assert_eq!((codes.len(), parts.len()), (8, 8 * 5), "{codes:?}");
    // Nothing that is installed holds a key or a password.
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["config", "broadcasts", "packaging"] {
        for text in texts(&project.join(folder)) {
            for secret in ["PRIVATE KEY", "\"token\"", "password =", "passphrase ="] {
                assert!(!text.contains(secret), "{secret} in {folder}");
            }
        }
    }
}

fn texts(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = |path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        if path.is_dir() { texts(&path) } else { vec![text(path)] }
    };
    entries.flat_map(read).collect()
}
