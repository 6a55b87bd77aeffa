//! Files, a folder: what is typed at the county, with the real program.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::clerk::{Clerk, warning};
use super::poll;

const XEE: &str = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><alert>&x;</alert>";

#[test]
fn a_file_is_looked_at_without_keys_left_unsigned_and_signed_later() {
    let clerk = Clerk::with_keys();
    clerk.write("storm.xml", &warning("1", "Extreme"));
    fs::rename(clerk.path("keys"), clerk.path("elsewhere")).unwrap();
    let looked = clerk.done(&["county", "alert", "storm.xml"]);
    assert!(looked.contains("暴雨预警") && looked.contains("Only a look"), "{looked}");
    let left = clerk.done(&["county", "alert", "storm.xml", "-o", "storm.json"]);
    assert!(left.contains("county alert sign storm.json"), "{left}");
    assert!(clerk.issued().is_empty());
    fs::rename(clerk.path("elsewhere"), clerk.path("keys")).unwrap();

    let by = ["--by", "王", "--passphrase-file", "passphrase"];
    clerk.done(&[&["county", "alert", "sign", "storm.json"][..], &by].concat());
    assert_eq!(clerk.issued()[0].envelope.signatures.len(), 1);
    let again = clerk.failed(&[&["county", "alert", "storm.xml"][..], &by].concat());
    assert!(again.contains("came in before"), "{again}");
    clerk.write("no.xml", XEE);
    let refused = clerk.failed(&["county", "alert", "no.xml"]);
    assert!(refused.contains("no.xml:1:") && refused.contains("DOCTYPE"), "{refused}");
}

#[test]
fn no_identifier_leads_out_of_the_folder_of_alerts() {
    let clerk = Clerk::with_keys();
    clerk.write("evil.xml", &warning("../../etc/x", "Moderate"));
    clerk.done(&["county", "alert", "evil.xml", "--by", "王", "--passphrase-file", "passphrase"]);
    assert_eq!(clerk.issued()[0].alert.identifier, "../../etc/x");
    let names = clerk.names("alerts");
    assert!(names.len() == 1 && names[0].starts_with("etcx-"), "{names:?}");
}

#[test]
fn a_folder_is_taken_in_and_what_is_refused_lies_beside_its_reason() {
    let clerk = Clerk::new();
    let storm = warning("1", "Extreme");
    clerk.put("a.xml", &storm);
    clerk.put("b.xml", "<alert>");
    clerk.put("c.xml", &storm);
    clerk.put("d.xml", XEE);
    clerk.put(".e.xml", XEE);
    std::os::unix::fs::symlink("/etc/passwd", clerk.path("in/f.xml")).unwrap();
    // Old enough to be taken, if it were a file.
    let touched =
        Command::new("touch").args(["-h", "-d", "1 minute ago"]).arg(clerk.path("in/f.xml")).status();
    assert!(touched.unwrap().success());
    // Somebody still writes to it.
    clerk.write("in/g.xml", &storm);
    clerk.done(&["county", "alert", "watch", "in", "--once"]);

    assert_eq!(clerk.names("in"), [".e.xml", "done", "f.xml", "g.xml", "refused"]);
    assert_eq!(clerk.names("in/done"), ["a.xml"]);
    assert_eq!(clerk.names("in/refused"), ["b.xml", "b.xml.txt", "c.xml", "c.xml.txt", "d.xml", "d.xml.txt"]);
    let reason = fs::read_to_string(clerk.path("in/refused/c.xml.txt")).unwrap();
    assert!(reason.contains("已经处理过了") && reason.contains("came in before"), "{reason}");
    assert!(fs::read_to_string(clerk.path("in/refused/d.xml.txt")).unwrap().contains("DOCTYPE"));
    assert_eq!(clerk.waiting().len(), 1);
    assert!(clerk.waiting()[0].envelope.signatures.is_empty());
}

#[test]
fn the_program_signs_what_is_less_than_an_emergency_and_never_an_emergency() {
    let clerk = Clerk::with_keys();
    clerk.put("a.xml", &warning("lesser", "Moderate"));
    clerk.put("b.xml", &warning("great", "Extreme"));
    let by = ["--by", "王", "--passphrase-file", "passphrase"];
    let told = clerk.done(&[&["county", "alert", "watch", "in", "--once"][..], &by].concat());
    assert!(told.contains("Waits for a person"), "{told}");
    let names = |all: Vec<dalaba::county::alarms::Issued>| {
        all.into_iter().map(|one| one.alert.identifier).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(clerk.issued()), names(clerk.waiting())),
        (vec!["lesser".to_owned()], vec!["great".to_owned()])
    );
    assert!(clerk.done(&["county", "alert", "list"]).contains("great"));

    clerk.done(&[&["county", "alert", "sign", "alerts/waiting/great.json"][..], &by].concat());
    assert_eq!((clerk.issued().len(), clerk.waiting().len()), (2, 0));
}

#[test]
fn a_watched_folder_takes_what_comes_while_it_is_watched() {
    let clerk = Clerk::new();
    let mut watching =
        clerk.command(&["county", "alert", "watch", "in"]).stdout(Stdio::null()).spawn().unwrap();
    clerk.put("a.xml", &warning("1", "Moderate"));
    let done = || (clerk.names("in/done") == ["a.xml"]).then_some(());
    poll::until("a file that is taken", Duration::from_mins(1), done);
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert_eq!(clerk.waiting().len(), 1);
}

/// Who takes back or softens what no person has looked at yet would decide in that person's place.
#[test]
fn an_update_of_a_warning_that_still_waits_for_a_person_waits_too() {
    let clerk = Clerk::with_keys();
    let great = warning("great", "Extreme");
    let sent = great.split_once("<sent>").unwrap().1.split_once("</sent>").unwrap().0;
    let references = format!("</scope><references>临城县气象台,great,{sent}</references>");
    let update = warning("update", "Moderate");
    let update = update.replace("<msgType>Alert", "<msgType>Update").replace("</scope>", &references);
    clerk.put("a.xml", &great);
    clerk.put("b.xml", &update);
    let by = ["--by", "王", "--passphrase-file", "passphrase"];
    let told = clerk.done(&[&["county", "alert", "watch", "in", "--once"][..], &by].concat());
    assert_eq!(clerk.names("in/done"), ["a.xml", "b.xml"], "{told}");
    assert!(clerk.issued().is_empty(), "{told}");
    assert!(clerk.waiting().len() >= 2, "{told}");
}
