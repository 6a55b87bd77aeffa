//! An amplifier with a real program as its switch: on before everything that sounds, off after it, whatever dies.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use dalaba::station::clock;
use dalaba::station::journal::Entry;
use serde_json::Value;

use super::daemon::{House, SOON, heard, playlist};
use super::poll;

/// What the switch of these tests is told; `$0` is its own path.
const SWITCH: &str = "#!/bin/sh\necho \"$1 $(date +%s.%N)\" >> \"$0.log\"\n";

const LEAD_IN: TimeDelta = TimeDelta::milliseconds(600);

/// A text that sounds for a quarter of a minute.
const LONG: &str = "安全带就是生命带，骑乘电动车请佩戴安全头盔，三轮电动车禁止违规载人，一停二看三通过，喝酒不开车，开车不喝酒";

/// Makes a house whose stations have a switch that writes down what it is told; `more` are the amplifier's other keys.
fn house(stations: &[&str], more: &str) -> House {
    let house = House::of(stations);
    let switch = program(&house, "switch", SWITCH);
    let amplifier = format!(
        "amplifier = {{ kind = \"command\", on = [\"{switch}\", \"on\"], off = [\"{switch}\", \"off\"], \
         lead_in = \"600ms\", lead_out = \"200ms\", {more} }}\n"
    );
    rewrite(&house, &amplifier);
    house
}

/// Puts a program into the house and returns its path.
fn program(house: &House, name: &str, text: &str) -> String {
    house.write(name, text);
    fs::set_permissions(house.path(name), Permissions::from_mode(0o755)).unwrap();
    house.path(name).to_str().unwrap().to_owned()
}

/// Gives every station of the house this line.
fn rewrite(house: &House, line: &str) {
    let site = fs::read_to_string(house.config()).unwrap();
    let output = "output = { kind = \"null\" }\n";
    house.write("config/station.toml", &site.replace(output, &format!("{output}{line}")));
}

/// What the switch was told: on or off, and when.
fn told(house: &House) -> Vec<(String, DateTime<Utc>)> {
    let log = fs::read_to_string(house.path("switch.log")).unwrap_or_default();
    let line = |line: &str| {
        let (word, at) = line.split_once(' ')?;
        let (seconds, nanoseconds) = at.split_once('.')?;
        let at = DateTime::from_timestamp(seconds.parse().ok()?, nanoseconds.parse().ok()?)?;
        Some((word.to_owned(), at))
    };
    log.lines().filter_map(line).collect()
}

fn wait_until_told(house: &House, word: &str) -> DateTime<Utc> {
    poll::until(word, SOON, || told(house).last().filter(|last| last.0 == word).map(|last| last.1))
}

/// Says a text at every station.
fn say(house: &House, text: &str, more: &[&str]) {
    let output = house.dalaba(&[&["say", text, "--station", "*"], more].concat());
    assert!(output.status.success(), "{output:?}");
}

/// Says a long text, and waits until the amplifier is on for it.
fn amid_sound(house: &House) -> DateTime<Utc> {
    say(house, LONG, &[]);
    wait_until_told(house, "on")
}

/// Reads the switches that are on record.
fn switches(house: &House) -> Vec<Value> {
    let output = house.dalaba(&["log", "switches", "--format", "json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lists switch and cause of each, in order.
fn causes(house: &House) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    switches(house).iter().map(|switch| (word(&switch["switch"]), word(&switch["cause"]))).collect()
}

fn pair(switch: &str, cause: &str) -> (String, String) {
    (switch.to_owned(), cause.to_owned())
}

/// Returns the process of the house's guard.
fn guard(daemon: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{daemon}/task/{daemon}/children"));
    let all = fs::read_dir(format!("/proc/{daemon}/task")).ok()?.filter_map(Result::ok);
    let of_tasks = all.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let pids: Vec<u32> = of_tasks
        .chain(children)
        .flat_map(|pids| pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>())
        .collect();
    let is_guard = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains("amplifier-guard")
    };
    pids.into_iter().find(is_guard)
}

/// Checks that the amplifier was on, and ready, for all of an airing.
fn assert_powered(house: &House, entry: &Entry) {
    let close = entry.close.as_ref().unwrap();
    let (started, ended) = (close.started.unwrap(), close.ended.unwrap());
    let told = told(house);
    let before = told.iter().rev().find(|(_, at)| *at < started).expect("a switch before the sound");
    assert_eq!(before.0, "on", "{} sounded through an amplifier that was off", entry.airing);
    let lead = started - before.1;
    println!("{}: on {} ms before the sound", entry.airing, lead.num_milliseconds());
    // The start of a sound is known to a block or two.
    assert!(lead > LEAD_IN - TimeDelta::milliseconds(60), "{}: {lead}", entry.airing);
    let amid = told.iter().find(|(_, at)| *at > started && *at < ended);
    assert_eq!(amid, None, "switched amid {}", entry.airing);
}

#[test]
fn eas_station_2194_scheduled_manual_test_and_emergency_sound_switch_the_amplifier_on_alike() {
    let house = house(&["赵家庄", "李家村"], "min_off = \"0s\", shared = \"村委会\"");
    let daemon = house.start();
    let due = (clock::wall() + TimeDelta::seconds(3)).with_timezone(&Shanghai);
    let cron = due.format("%-S %-M %-H %-d %-m *").to_string();
    house.write("broadcasts/定时.toml", &(playlist("停水", &cron, "20s") + "start = \"hard\"\n"));
    let scheduled = house.wait_for("a scheduled airing", |entry| entry.playlist == "定时" && heard(entry));
    assert_powered(&house, &scheduled);
    for words in [&["--priority", "emergency"][..], &["--status", "test"], &["--priority", "urgent"], &[]] {
        wait_until_told(&house, "off");
        let known = house.entries().len();
        say(&house, "让路", words);
        // At both stations at once.
        let closed = || house.entries().into_iter().skip(known).filter(heard).collect::<Vec<_>>();
        let said = poll::until("two airings", SOON, || Some(closed()).filter(|said| said.len() == 2));
        for entry in &said {
            assert_powered(&house, entry);
        }
    }
    wait_until_told(&house, "off");
    assert_eq!(daemon.end("TERM").0.code(), Some(0));
    let on = switches(&house).into_iter().filter(|switch| switch["switch"] == "on").collect::<Vec<_>>();
    assert_eq!(on.len(), 5, "once for both stations each time: {on:?}");
    assert!(on.iter().all(|switch| switch["airing"].is_string() && switch["ok"] == true), "{on:?}");
    house.verified();
}

#[test]
fn a_daemon_that_is_killed_amid_sound_leaves_no_amplifier_on_and_the_next_one_records_it() {
    let house = house(&["赵家庄"], "");
    let daemon = house.start();
    amid_sound(&house);
    let killed = clock::wall();
    daemon.kill();
    let off = wait_until_told(&house, "off");
    println!("off {} ms after the kill", (off - killed).num_milliseconds());
    // Twice the time limit of the switch is promised; the machine may be busy.
    assert!(off - killed < TimeDelta::seconds(10), "{}", off - killed);
    let daemon = house.start();
    let gone = || causes(&house).into_iter().find(|found| *found == pair("off", "daemon_gone"));
    poll::until("the record of it", SOON, gone);
    let at = switches(&house).iter().find(|switch| switch["cause"] == "daemon_gone").unwrap()["at"].clone();
    let at = DateTime::parse_from_rfc3339(at.as_str().unwrap()).unwrap().to_utc();
    assert!((at - off).abs() < TimeDelta::seconds(2), "at its true time: {at}, {off}");
    daemon.end("TERM");
    house.verified();
}

#[test]
fn a_daemon_that_hangs_for_longer_than_max_on_leaves_no_amplifier_on() {
    let house = house(&["赵家庄"], "max_on = \"2s\"");
    let daemon = house.start();
    let on = amid_sound(&house);
    daemon.signal("STOP");
    let off = wait_until_told(&house, "off");
    println!("on for {} ms", (off - on).num_milliseconds());
    assert!(off - on < TimeDelta::seconds(10), "{}", off - on);
    daemon.signal("CONT");
    poll::until("the record of it", SOON, || causes(&house).contains(&pair("off", "max_on")).then_some(()));
    daemon.end("TERM");
    assert_eq!(told(&house).last().unwrap().0, "off");
    house.verified();
}

#[test]
fn a_guard_that_is_killed_amid_sound_is_replaced_by_one_that_goes_on_until_the_end_in_good_order() {
    let house = house(&["赵家庄"], "");
    let daemon = house.start();
    amid_sound(&house);
    let first = poll::until("a guard", SOON, || guard(daemon.id()));
    assert!(Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    poll::until("another guard", SOON, || guard(daemon.id()).filter(|pid| *pid != first));
    poll::until("it goes on", SOON, || causes(&house).contains(&pair("on", "guard_gone")).then_some(()));
    let refused = house.dalaba(&["amplifier", "off"]);
    assert!(!refused.status.success(), "a daemon looks after it: {refused:?}");
    daemon.end("TERM");
    let words = || told(&house).into_iter().map(|(word, _)| word).collect::<Vec<String>>();
    assert_eq!(words(), ["off", "on", "on", "off"]);
    assert_eq!(causes(&house).last(), Some(&pair("off", "shutdown")));
    let done = house.dalaba(&["amplifier", "off"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(words(), ["off", "on", "on", "off", "off"], "off twice does no harm");
    house.verified();
}

#[test]
fn a_switch_that_fails_hangs_or_is_missing_silences_nobody_and_is_shown_and_recorded() {
    let house = House::of(&["赵家庄"]);
    let fails = program(&house, "fails", "#!/bin/sh\necho 没有继电器 >&2\nexit 3\n");
    let hangs = program(&house, "hangs", "#!/bin/sh\nsleep 1000 & wait\n");
    let station = |id: &str, amplifier: &str| {
        format!("[[station]]\nid = \"{id}\"\noutput = {{ kind = \"null\" }}\namplifier = {{ {amplifier} }}\n")
    };
    let command = |id: &str, on: &str, off: &str| {
        let keys = format!(
            "kind = \"command\", on = [\"{on}\"], off = [\"{off}\", \"{id}\"], time_limit = \"300ms\""
        );
        station(id, &keys)
    };
    let stations = command("坏", &fails, &fails)
        + &command("卡", &hangs, "/bin/true")
        + &command("缺", "/nonexistent/relay", "/bin/true")
        + &station("板", "kind = \"gpio\", line = \"没有这条线\"");
    house.write("config/station.toml", &format!("time_zone = \"Asia/Shanghai\"\n{stations}"));
    let daemon = house.start();
    say(&house, "停水", &[]);
    let all = || house.entries().iter().filter(|entry| heard(entry)).count();
    poll::until("sound at all four", SOON, || (all() == 4).then_some(()));
    let failed = |name: &str| {
        let of = |switch: &&Value| {
            switch["amplifier"] == name && switch["ok"] == false && switch["switch"] == "on"
        };
        let found = switches(&house).iter().find(of).cloned();
        found.map(|switch| switch["fault"].as_str().unwrap().to_owned())
    };
    let why = [
        ("坏", "没有继电器"),
        ("卡", "was stopped after 300 ms"),
        ("缺", "cannot be started"),
        ("板", "没有 GPIO 线 没有这条线"),
    ];
    for (name, why) in why {
        let fault = poll::until(name, SOON, || failed(name));
        assert!(fault.contains(why), "{fault}");
    }
    let (code, report) = house.status();
    let faults: Vec<String> = report.faults().iter().map(|fault| fault.en.clone()).collect();
    assert!(code != Some(0), "{faults:?}");
    assert!(
        faults.iter().any(|fault| fault.contains("amplifier 坏") && fault.contains("没有继电器")),
        "{faults:?}"
    );
    let text = String::from_utf8(house.dalaba(&["status"]).stdout).unwrap();
    assert!(text.lines().any(|line| line.contains("amplifier") && line.contains("with a fault")), "{text}");
    daemon.end("TERM");
    house.verified();
}

#[test]
fn check_says_what_stations_describe_differently_and_what_cannot_work() {
    let house = House::of(&["赵家庄", "李家村"]);
    let line = |keys: &str| format!("amplifier = {{ kind = {keys} }}\n");
    let site = |first: &str, second: &str| {
        let station = |id: &str, keys: &str| {
            format!("[[station]]\nid = \"{id}\"\noutput = {{ kind = \"null\" }}\n{}", line(keys))
        };
        format!("time_zone = \"Asia/Shanghai\"\n{}{}", station("赵家庄", first), station("李家村", second))
    };
    let cases = [
        ("\"gpio\", line = \"A\"", "\"gpio\", line = \"A\"", "this is the switch of station 赵家庄, too"),
        (
            "\"gpio\", line = \"A\", shared = \"村\"",
            "\"gpio\", line = \"B\", shared = \"村\"",
            "the shared amplifier 村 is described differently at station 赵家庄",
        ),
        (
            "\"gpio\", line = \"A\"",
            "\"gpio\", line = \"B\", shared = \"赵家庄\"",
            "is also that of a station",
        ),
        ("\"gpio\", line = \"A\"", "\"gpio\", chip = \"c\"", "write either `line`, or `chip` and `offset`"),
        (
            "\"gpio\", line = \"A\"",
            "\"gpio\", line = \"B\", max_on = \"5s\", lead_in = \"6s\"",
            "`max_on` must be longer",
        ),
        ("\"gpio\", line = \"A\"", "\"gpoi\", line = \"B\"", "write `\"gpio\"`"),
    ];
    for (first, second, expected) in cases {
        house.write("config/station.toml", &site(first, second));
        let output = house.dalaba(&["check"]);
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(expected), "{expected}: {text}");
    }
    house.write("config/station.toml", &site("\"gpio\", line = \"A\"", "\"gpio\", line = \"B\""));
    assert!(house.dalaba(&["check"]).status.success());
}

/// A chip of the kernel's own, without hardware; taken away when dropped.
struct SimulatedChip(std::path::PathBuf);

impl SimulatedChip {
    const ALL: &str = "/sys/kernel/config/gpio-sim";

    /// Makes a chip with one line named `name`, low at first.
    fn with_line(name: &str) -> Self {
        let chip = std::path::Path::new(Self::ALL).join(format!("dalaba-{}", std::process::id()));
        fs::create_dir_all(chip.join("bank0/line0")).unwrap();
        fs::write(chip.join("bank0/num_lines"), "1").unwrap();
        fs::write(chip.join("bank0/line0/name"), name).unwrap();
        fs::write(chip.join("live"), "1").unwrap();
        Self(chip)
    }

    fn value(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.0.join(name)).unwrap().trim().to_owned();
        let (device, chip) = (read("dev_name"), read("bank0/chip_name"));
        let line = format!("/sys/devices/platform/{device}/{chip}/sim_gpio0/value");
        fs::read_to_string(line).unwrap().trim().to_owned()
    }
}

impl Drop for SimulatedChip {
    fn drop(&mut self) {
        let _ = fs::write(self.0.join("live"), "0");
        for folder in ["bank0/line0", "bank0", ""] {
            let _ = fs::remove_dir(self.0.join(folder));
        }
    }
}

#[test]
fn a_relay_at_a_gpio_line_is_on_while_something_sounds_and_off_when_the_daemon_is_killed() {
    // Loaded where it is a module; the usual test machines have kernels without modules.
    let _ = Command::new("modprobe").arg("gpio-sim").output();
    if !std::path::Path::new(SimulatedChip::ALL).exists() {
        println!("skipped: this kernel has no gpio-sim ({} is not there)", SimulatedChip::ALL);
        return;
    }
    let name = format!("dalaba-amplifier-{}", std::process::id());
    let chip = SimulatedChip::with_line(&name);
    let house = House::of(&["赵家庄"]);
    rewrite(&house, &format!("amplifier = {{ kind = \"gpio\", line = \"{name}\", active_low = true }}\n"));
    let daemon = house.start();
    let is = |value: &str| poll::until(value, SOON, || (chip.value() == value).then_some(()));
    // Active low: 1 is off.
    is("1");
    say(&house, LONG, &[]);
    is("0");
    daemon.kill();
    is("1");
}
