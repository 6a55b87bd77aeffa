//! Alerts at a village, from the county's signature to the record: what must sound, and what must not.

use std::fs;

use dalaba::model::{AiringId, Origin, Outcome, Priority, Reason, Status};
use dalaba::station::control::StatusReport;
use dalaba::station::journal::Entry;

use super::daemon::{House, Running, heard, site};

/// Quiet at every time of day.
const QUIET: &str = "[limits]\nquiet_hours = [{ from = \"00:00\", until = \"12:00\" }, { from = \"12:00\", until = \"00:00\" }]\n";

/// A county of two publishers, and a village that trusts it.
pub(crate) struct County {
    pub(crate) house: House,
}

impl County {
    pub(crate) fn new(limits: &str) -> Self {
        let house = House::of(&["赵家庄"]);
        let site = site(&["赵家庄"]);
        let (zone, stations) = site.split_once('\n').unwrap();
        house.write("config/station.toml", &format!("{zone}\n{limits}{stations}"));
        let county = Self { house };
        fs::write(county.house.path("secret"), "一二三四五六七八\n").unwrap();
        for name in ["王", "李"] {
            county.keys(&["new", name, "--passphrase-file", ":secret"]);
        }
        county.keys(&["rotate", "--county", "某县", "--root", "王", "--publisher", "王,李"]);
        county.keys(&["sign", "王", "--passphrase-file", ":secret"]);
        let listed = county.keys(&["list"]);
        let digits = listed.lines().find_map(|line| line.strip_prefix("Fingerprint ")).unwrap().to_owned();
        county.done(&["import", ":keys/root.json", "--trust", &digits]);
        county
    }

    fn typed(&self, words: &[&str]) -> std::process::Output {
        let place = |word: &&str| match word.strip_prefix(':') {
            Some(name) => self.house.path(name).to_str().unwrap().to_owned(),
            None => (*word).to_owned(),
        };
        let words: Vec<String> = words.iter().map(place).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.house.dalaba(&words)
    }

    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.typed(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.typed(words);
        assert!(!output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn keys(&self, words: &[&str]) -> String {
        self.done(&[&["keys", "--folder", ":keys"], words].concat())
    }

    /// Issues what `words` say to the file `to`, signed by `people`; returns its name.
    pub(crate) fn issues(&self, words: &[&str], people: &[&str], to: &str) -> String {
        let common = ["county", "alert", "--keys", ":keys", "--alerts", ":alerts"];
        let sign: Vec<&str> = people.iter().flat_map(|name| ["--by", *name]).collect();
        let told = self.done(&[&common, words, &sign, &["--passphrase-file", ":secret", "-o", to]].concat());
        told.split_whitespace().next().unwrap().to_owned()
    }

    /// Issues an emergency for this one village that says 试.
    fn emergency(&self, more: &[&str], to: &str) -> String {
        let words = ["new", "--event", "暴雨", "--text", "试。", "--to", "赵家庄", "--priority", "emergency"];
        self.issues(&[&words, more].concat(), &["王"], to)
    }

    pub(crate) fn import(&self, file: &str) {
        self.done(&["import", file]);
    }

    /// Waits until an alert sounds.
    pub(crate) fn until_on_air(&self, name: &str) {
        super::poll::until("a first sample", super::daemon::SOON, || {
            let entry = self.of_alert(name).into_iter().next()?;
            let status = self.house.status().1;
            let sounding = status.stations[0].on_air.as_ref()?;
            (sounding.airing == entry.airing.as_str() && sounding.heard_ms > 0).then_some(())
        });
    }

    fn of_alert(&self, name: &str) -> Vec<Entry> {
        let ours = |entry: &Entry| is_of(entry, name);
        self.house.entries().into_iter().filter(ours).collect()
    }

    pub(crate) fn wait(&self, what: &str, name: &str, wanted: impl Fn(&Entry) -> bool) -> Entry {
        self.house.wait_for(what, |entry| is_of(entry, name) && wanted(entry))
    }
}

fn is_of(entry: &Entry, name: &str) -> bool {
    matches!(&entry.origin, Origin::Alert(alert) if alert.identifier == name)
}

fn ended(entry: &Entry) -> (Outcome, Option<Reason>) {
    let close = entry.close.as_ref().unwrap();
    (close.outcome, close.reason)
}

fn end_well(house: &House, running: Running) {
    running.end("TERM");
    house.verified();
}

#[test]
fn an_emergency_sounds_at_night_again_and_again_until_it_is_cancelled_and_that_is_said_once() {
    let county = County::new(QUIET);
    let running = county.house.start();
    let name = county.emergency(&["--repeat", "10s"], ":一.json");
    county.import(":一.json");
    let first = county.wait("the first", &name, heard);
    assert_eq!((first.priority, first.status), (Priority::Emergency, Status::Actual));
    assert_eq!(first.text.as_deref(), Some("试。"));
    let planned = first.planned.unwrap();
    assert!(planned.as_secs_f64() > 4.0, "with its tone: {planned:?}");
    let second = county.wait("the second", &name, |entry| heard(entry) && entry.airing != first.airing);
    let apart = second.due - first.due;
    assert!(apart.num_seconds() >= 9, "{apart}");
    // What was recorded once is worth nothing (Dallas 2017, SirenJack).
    assert!(county.refused(&["import", ":一.json"]).contains("it came before"));
    let clear = county.issues(&["cancel", &name], &["李"], ":二.json");
    county.import(":二.json");
    let said = county.wait("the all-clear", &clear, heard);
    assert_eq!(said.text.as_deref(), Some("“暴雨”已经解除。"));
    let after = county.of_alert(&name);
    assert!(after.iter().all(|entry| entry.due < said.due), "{after:?}");
    // It stays so for longer than it takes to be said again.
    super::poll::pass(std::time::Duration::from_secs(6));
    assert_eq!((county.of_alert(&name).len(), county.of_alert(&clear).len()), (after.len(), 1));
    end_well(&county.house, running);
}

#[test]
fn after_a_power_cut_an_alert_goes_on_and_nothing_that_was_heard_is_said_again() {
    let county = County::new("");
    let running = county.house.start();
    let often = county.emergency(&["--repeat", "10s"], ":一.json");
    let once = county.emergency(&["--repeat", "once"], ":二.json");
    county.import(":一.json");
    county.import(":二.json");
    county.wait("what is said once", &once, heard);
    county.wait("what is said often", &often, heard);
    running.kill();
    let before: Vec<AiringId> = county.of_alert(&often).into_iter().map(|entry| entry.airing).collect();
    let running = county.house.start();
    county.wait("it after the restart", &often, |entry| heard(entry) && !before.contains(&entry.airing));
    assert_eq!(county.of_alert(&once).len(), 1);
    // The memory against replays outlives the cut.
    assert!(county.refused(&["import", ":二.json"]).contains("it came before"));
    end_well(&county.house, running);
}

#[test]
fn what_comes_while_nothing_runs_sounds_at_the_start() {
    let county = County::new("");
    let name = county.emergency(&["--repeat", "once"], ":一.json");
    county.import(":一.json");
    let running = county.house.start();
    county.wait("it", &name, heard);
    end_well(&county.house, running);
}

/// Dallas, 2017: it took 95 minutes to silence the sirens.
#[test]
fn dallas_2017_one_word_at_the_village_silences_an_alert_for_good_without_a_network() {
    let county = County::new("");
    let running = county.house.start();
    let name = county.emergency(&["--repeat", "10s"], ":一.json");
    county.import(":一.json");
    county.wait("the first", &name, heard);
    let alert = |status: StatusReport| status.alerts.into_iter().next().unwrap();
    let shown = alert(county.house.status().1);
    assert_eq!(
        (shown.identifier.as_str(), shown.event.as_str(), shown.status),
        (&*name, "暴雨", Status::Actual)
    );
    assert_eq!((shown.stations, shown.silenced), (vec!["赵家庄".to_owned()], vec![]));
    assert!(county.done(&["stop"]).contains("赵家庄: the alert 暴雨 is silenced for good"));
    assert_eq!(alert(county.house.status().1).silenced, ["赵家庄"]);
    let stopped = |entry: &Entry| ended(entry).1 == Some(Reason::OperatorStop);
    county.wait("the record of the stop", &name, stopped);
    let count = county.of_alert(&name).len();
    running.kill();
    let running = county.house.start();
    assert!(county.refused(&["import", ":一.json"]).contains("it came before"));
    super::poll::pass(std::time::Duration::from_secs(12));
    assert_eq!(county.of_alert(&name).len(), count);
    end_well(&county.house, running);
}

/// Hawaii, 2018: the drill sounded like the real thing, and the correction took 38 minutes.
#[test]
fn hawaii_2018_a_drill_says_that_it_is_one_and_the_correction_goes_out_without_a_passphrase() {
    let county = County::new("");
    let running = county.house.start();
    let drill = county.emergency(&["--status", "drill"], ":一.json");
    county.import(":一.json");
    let said = county.wait("the drill", &drill, heard);
    assert_eq!((said.text.as_deref(), said.status), (Some("演练，演练。试。以上是演练。"), Status::Drill));
    let everywhere = [
        "new",
        "--event",
        "导弹",
        "--text",
        "试。",
        "--to",
        "*",
        "--priority",
        "emergency",
        "--repeat",
        "10s",
    ];
    let wrong = county.issues(&everywhere, &["王", "李"], ":二.json");
    county.import(":二.json");
    county.wait("the false alarm", &wrong, |_| true);
    let correct =
        ["county", "alert", "--keys", ":keys", "--alerts", ":alerts", "correct", &wrong, "-o", ":三.json"];
    let told = county.done(&correct);
    let correction = told.split_whitespace().next().unwrap().to_owned();
    county.import(":三.json");
    let said = county.wait("the correction", &correction, heard);
    assert_eq!(said.text.as_deref(), Some("更正：刚才播的“导弹”是误发，请大家放心。"));
    assert_eq!(said.priority, Priority::Emergency);
    assert!(county.of_alert(&wrong).iter().all(|entry| entry.due < said.due));
    end_well(&county.house, running);
}

/// Yunnan, 2024, midnight: a task of the provincial platform sounded in eight cities.
#[test]
fn yunnan_2024_no_drill_and_nothing_weaker_than_an_emergency_sounds_at_night_and_no_one_person_reaches_all() {
    let county = County::new(QUIET);
    let running = county.house.start();
    let drill = county.emergency(&["--status", "drill"], ":一.json");
    county.import(":一.json");
    let quiet = (Outcome::Suppressed, Some(Reason::QuietHours));
    assert_eq!(ended(&county.wait("the drill", &drill, |_| true)), quiet);
    let words = ["new", "--event", "大雾", "--text", "试。", "--to", "*", "--priority", "urgent"];
    let urgent = county.issues(&words, &["王"], ":二.json");
    county.import(":二.json");
    assert_eq!(ended(&county.wait("what is urgent", &urgent, |_| true)), quiet);
    let words = ["new", "--event", "暴雨", "--text", "试。", "--to", "*", "--priority", "emergency"];
    let alone = county.issues(&words, &["王"], ":三.json");
    // One person's is kept at the office, and goes nowhere.
    assert!(!county.house.path("三.json").exists());
    let kept = format!(":alerts/{alone}.json");
    assert!(county.refused(&["import", &kept]).contains("must be signed by two people"));
    let common = ["county", "alert", "--keys", ":keys", "--alerts", ":alerts", "sign", &kept];
    county.done(&[&common[..], &["--by", "李", "--passphrase-file", ":secret"]].concat());
    county.import(&kept);
    county.wait("what two people signed", &alone, heard);
    end_well(&county.house, running);
}

#[test]
fn an_update_takes_the_place_of_what_it_names_and_a_cancel_that_comes_first_is_remembered() {
    let county = County::new("");
    let running = county.house.start();
    let first = county.emergency(&["--repeat", "10s"], ":一.json");
    county.import(":一.json");
    county.wait("the first", &first, heard);
    let update =
        county.issues(&["update", &first, "--text", "水退了。", "--repeat", "once"], &["王"], ":二.json");
    county.import(":二.json");
    let said = county.wait("the update", &update, heard);
    assert!(county.of_alert(&first).iter().all(|entry| entry.due < said.due));
    let late = county.emergency(&[], ":三.json");
    county.issues(&["cancel", &late], &["王"], ":四.json");
    county.import(":四.json");
    assert!(county.refused(&["import", ":三.json"]).contains("taken back already"));
    end_well(&county.house, running);
}

#[test]
fn what_is_on_air_gives_way_to_an_emergency_at_once() {
    let county = County::new("");
    let long = "骑乘电动车请佩戴安全头盔。".repeat(6);
    county.house.playlist("长", &long, "*/5 * * * * *", "5s");
    let running = county.house.start();
    super::poll::until("something on air", super::daemon::SOON, || {
        county.house.status().1.stations[0].on_air.is_some().then_some(())
    });
    let name = county.emergency(&["--repeat", "once"], ":一.json");
    county.import(":一.json");
    county.wait("the emergency", &name, heard);
    county.house.wait_for("what gave way", |entry| {
        ended(entry) == (Outcome::Preempted, Some(Reason::HigherPriority))
    });
    end_well(&county.house, running);
}
