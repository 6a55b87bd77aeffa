//! The shipped demo without a sound card, as `make run` airs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use dalaba::model::Outcome;
use dalaba::station::clock;

use super::daemon::House;
use super::poll;

const SLOGANS: [&str; 2] = ["安全带就是生命带!", "骑乘电动车请佩戴安全头盔!"];
const VILLAGES: [&str; 3] = ["赵家庄", "李家村", "王家沟"];

/// Sets the demo up as it is shipped, at a place of its own.
fn demo() -> House {
    let house = House::of(&["赵家庄"]);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["a/config", "audio", "target/demo"] {
        fs::create_dir_all(house.path(folder)).unwrap();
    }
    fs::create_dir_all(house.path("config/demo/broadcasts")).unwrap();
    for file in fs::read_dir(shipped.join("config/demo/broadcasts")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), house.path("config/demo/broadcasts").join(file.file_name())).unwrap();
    }
    for file in fs::read_dir(shipped.join("audio")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), house.path("audio").join(file.file_name())).unwrap();
    }
    fs::copy(shipped.join("config/demo/station-no-card.toml"), house.path("config/demo/station.toml"))
        .unwrap();
    house
}

#[test]
fn within_a_minute_the_demo_has_said_both_slogans_in_every_village_and_ctrl_c_ends_it_well() {
    let house = demo();
    let config = house.path("config/demo/station.toml");
    let screen = fs::File::create(house.path("screen")).unwrap();
    let mut command = house.command(&["run", "--show"]);
    // The later option counts no more than the earlier: so the whole line is written anew.
    let mut again = std::process::Command::new(command.get_program());
    again.args(["run", "--show", "--lang", "zh", "--config"]).arg(&config).arg("--state").arg(house.state());
    command = again;
    let log = fs::File::create(house.path("stderr")).unwrap();
    let mut child = command.stdin(Stdio::null()).stdout(screen).stderr(log).spawn().unwrap();
    let began = clock::steady();
    let all = || {
        let entries = if house.state().join("as-run.sqlite").exists() || house.state().exists() {
            dalaba::station::journal::Reader::open(&house.state()).ok().map(|_| house.entries())?
        } else {
            return None;
        };
        let done = |village: &str, slogan: &str| {
            entries.iter().any(|e| {
                let completed = e.close.as_ref().is_some_and(|close| close.outcome == Outcome::Completed);
                e.station == village && e.text.as_deref() == Some(slogan) && e.audio.is_none() && completed
            })
        };
        VILLAGES.iter().all(|village| SLOGANS.iter().all(|slogan| done(village, slogan))).then_some(())
    };
    poll::until("both slogans everywhere", Duration::from_secs(75), all);
    let took = clock::steady() - began;
    println!("both slogans in all villages after {took:?}");
    let interrupt = std::process::Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    let status = poll::until("the end", Duration::from_secs(5), || child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    house.verified();

    let mut sounded: BTreeMap<String, Duration> = BTreeMap::new();
    for entry in house.entries() {
        let close = entry.close.unwrap_or_else(|| panic!("left open: {}", entry.airing));
        *sounded.entry(entry.station).or_default() += close.heard.unwrap_or_default();
    }
    for village in VILLAGES {
        let wav = hound::WavReader::open(house.path(&format!("target/demo/{village}.wav"))).unwrap();
        let spec = wav.spec();
        let length = f64::from(wav.duration()) / f64::from(spec.sample_rate);
        let samples: Vec<f64> = match spec.sample_format {
            hound::SampleFormat::Int => {
                let full = f64::from(1_u32 << (spec.bits_per_sample - 1));
                wav.into_samples::<i32>().map(|sample| f64::from(sample.unwrap()) / full).collect()
            }
            hound::SampleFormat::Float => wav.into_samples::<f32>().map(|s| f64::from(s.unwrap())).collect(),
        };
        let loudest = samples.iter().fold(0.0, |most: f64, sample| most.max(sample.abs()));
        let expected = sounded[village].as_secs_f64();
        println!("{village}: {length:.2} s in the file, {expected:.2} s on record, peak {loudest:.2}");
        assert!((length - expected).abs() < 0.5, "{village}: {length} s in the file, {expected} s on record");
        assert!(loudest > 0.1);
    }
    let screen = fs::read_to_string(house.path("screen")).unwrap();
    assert!(VILLAGES.iter().all(|village| screen.contains(village)), "{screen}");
    assert!(SLOGANS.iter().all(|slogan| screen.contains(slogan)), "{screen}");
}
