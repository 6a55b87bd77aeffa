//! The shipped demo without a sound card, as `make run` airs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use dalaba::station::clock;
use hound::{SampleFormat, WavReader};

use super::daemon::{House, heard, since};
use super::poll;

const SLOGANS: [&str; 2] = ["安全带就是生命带!", "骑乘电动车请佩戴安全头盔!"];
const VILLAGES: [&str; 3] = ["赵家庄", "李家村", "王家沟"];

/// Sets the demo up as it is shipped, at a place of its own.
fn demo() -> House {
    let house = House::empty("config/demo/station-no-card.toml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["config/demo", "config/demo/broadcasts", "audio"] {
        fs::create_dir_all(house.path(folder)).unwrap();
        for entry in fs::read_dir(shipped.join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), house.path(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    fs::create_dir_all(house.path("target/demo")).unwrap();
    house
}

fn all_said(house: &House) -> Option<()> {
    let entries = house.entries();
    let said = |village: &str, slogan: &str| {
        let here = entries.iter().filter(|e| e.station == village && e.audio.is_none());
        here.filter(|e| heard(e)).any(|e| e.text.as_deref() == Some(slogan))
    };
    VILLAGES.iter().all(|village| SLOGANS.iter().all(|slogan| said(village, slogan))).then_some(())
}

#[test]
fn within_75_seconds_the_demo_has_said_both_slogans_in_every_village_and_ctrl_c_ends_it_well() {
    let house = demo();
    let running = house.start_shown();
    let began = clock::steady();
    // A minute has every slot once; the last of them sounds for some seconds more.
    poll::until("both slogans everywhere", Duration::from_secs(75), || all_said(&house));
    println!("both slogans in all villages after {:?}", since(began));
    let (status, took) = running.end("INT");
    assert!(status.success() && took < Duration::from_secs(2), "{status} after {took:?}");
    house.verified();

    let mut on_record: BTreeMap<String, Duration> = BTreeMap::new();
    for entry in house.entries() {
        let close = entry.close.unwrap_or_else(|| panic!("left open: {}", entry.airing));
        *on_record.entry(entry.station).or_default() += close.heard.unwrap();
    }
    for village in VILLAGES {
        let (length, peak) = measure(&house.path(&format!("target/demo/{village}.wav")));
        let expected = on_record[village].as_secs_f64();
        println!("{village}: {length:.2} s in the file, {expected:.2} s on record, peak {peak:.2}");
        assert!((length - expected).abs() < 0.5, "{village}: {length} s, but {expected} s on record");
        assert!(peak > 0.1, "{village}: silent");
    }
    let screen = fs::read_to_string(house.path("screen")).unwrap();
    assert!(VILLAGES.iter().chain(&SLOGANS).all(|shown| screen.contains(shown)), "{screen}");
}

/// Returns a recording's length in seconds and its loudest sample, full scale being 1.
fn measure(path: &Path) -> (f64, f64) {
    let wav = WavReader::open(path).unwrap();
    let spec = wav.spec();
    let length = f64::from(wav.duration()) / f64::from(spec.sample_rate);
    assert_eq!(spec.sample_format, SampleFormat::Int);
    let full = f64::from(1_u32 << (spec.bits_per_sample - 1));
    let peak =
        wav.into_samples::<i32>().map(|sample| f64::from(sample.unwrap()).abs() / full).fold(0.0, f64::max);
    (length, peak)
}
