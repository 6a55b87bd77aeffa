//! An amplifier before the horns: the tape shows what would have been lost without its lead-in.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use chrono::{DateTime, TimeDelta, Utc};

use super::{assert_sounded, spoken};
use crate::support::correlate::peak;
use crate::support::county::{County, in_seconds, once};
use crate::support::noise;
use crate::support::pulse::Pulse;

const LEAD_IN: TimeDelta = TimeDelta::milliseconds(1_500);

/// Gives the county's station an amplifier with a real program as its switch.
fn wire(county: &County) {
    let switch = county.path("switch");
    fs::write(&switch, "#!/bin/sh\necho \"$1 $(date +%s.%N)\" >> \"$0.log\"\n").unwrap();
    fs::set_permissions(&switch, Permissions::from_mode(0o755)).unwrap();
    let (file, switch) = (county.path("config/station.toml"), switch.display());
    let amplifier = format!(
        "amplifier = {{ kind = \"command\", on = [\"{switch}\", \"on\"], off = [\"{switch}\", \"off\"], \
         lead_in = \"1500ms\", lead_out = \"500ms\" }}\n"
    );
    fs::write(&file, fs::read_to_string(&file).unwrap() + &amplifier).unwrap();
}

/// When the switch was told to go on.
fn switched_on(county: &County) -> Vec<DateTime<Utc>> {
    let log = fs::read_to_string(county.path("switch.log")).unwrap();
    let at = |line: &str| {
        let (seconds, nanoseconds) = line.strip_prefix("on ")?.split_once('.')?;
        DateTime::from_timestamp(seconds.parse().ok()?, nanoseconds.parse().ok()?)
    };
    log.lines().filter_map(at).collect()
}

#[test]
fn eas_station_2545_no_word_is_lost_before_the_amplifier_is_on_and_no_silence_is_baked_into_clips() {
    let pulse = Pulse::start(&["east"]);
    let mut county = County::new(&[("赵家庄", "pulse:east")]);
    wire(&county);
    county.recording("gong.wav", &noise::clip(31, 1_200));
    let tape = pulse.record("east");
    let due = in_seconds(9);
    let message = "\n[[message]]\nid = \"锣\"\naudio = \"gong.wav\"\n";
    county.playlist("定时", &format!("{message}{}", once(due, "start = \"hard\"")));
    county.start(&pulse);
    let scheduled = county.closed("赵家庄", "定时", Some("锣"));
    // Nobody foresaw this one.
    county.done(&["say", "停水", "--station", "赵家庄", "--priority", "emergency"]);
    let said = county.closed("赵家庄", "say", None);
    let heard = tape.finish_at(said.ended.unwrap() + TimeDelta::milliseconds(300));
    let clips = [county.programme("定时", "锣", None), county.render(&spoken("停水"), None)];
    // What sounds begins at its first sample: a clip has no silence for an amplifier in it.
    assert!(clips.iter().all(|clip| peak(&clip[..480]) > 0.0));
    let spans = [(&scheduled, &clips[0]), (&said, &clips[1])]
        .map(|(close, clip)| assert_sounded(&heard, clip, close.started.unwrap(), close.ended.unwrap()));
    let on = switched_on(&county);
    for span in &spans {
        let before = on.iter().rfind(|at| **at < span.from).expect("it was switched on before the sound");
        let lead = span.from - *before;
        println!("heard {} ms after the switch", lead.num_milliseconds());
        assert!(lead > LEAD_IN - TimeDelta::milliseconds(50), "{lead}");
    }
    let late = spans[0].from - due;
    println!("the hard start is heard {} ms after it was due", late.num_milliseconds());
    assert!(late > TimeDelta::milliseconds(-20) && late < TimeDelta::seconds(1), "{late}");
}
