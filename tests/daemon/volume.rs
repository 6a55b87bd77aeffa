//! How loud each airing is, by the real daemon and in a recording of what sounded.

use super::daemon::{House, heard};

/// What the village says: half for all, all of it for emergencies.
const SITE: &str = "time_zone = \"Asia/Shanghai\"
[[station]]
id = \"赵家庄\"
output = { kind = \"file\", path = \"../heard.wav\" }
volume = 50
volume_by_priority = { emergency = 100 }
";

#[test]
fn a_message_may_be_softer_than_the_village_and_only_an_emergency_louder() {
    let house = House::of(&["赵家庄"]);
    house.write("config/station.toml", SITE);
    let playlist = "title = \"试\"\nstations = [\"*\"]\n\
        [[message]]\nid = \"甲\"\ntext = \"停水\"\nvolume = 100\n\
        [[message]]\nid = \"乙\"\ntext = \"停水\"\nvolume = 25\n\
        [[schedule]]\ncron = \"0 * * * * *\"\ngrace = \"2m\"\n";
    let running = house.start();
    assert!(house.dalaba(&["say", "停水", "-s", "*", "--priority", "emergency"]).status.success());
    house.wait_for("the emergency", heard);
    house.write("broadcasts/响.toml", &playlist.replace("0 * *", "*/2 * *"));
    for message in ["甲", "乙"] {
        house.wait_for(message, |entry| entry.message == message && heard(entry));
    }
    running.end("TERM");
    let mut reader = hound::WavReader::open(house.path("heard.wav")).unwrap();
    let sound: Vec<f32> =
        reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
    // One text, three times: the first third is the emergency's, then 甲's and 乙's. More may follow.
    let length = sound.len();
    let peak =
        |from: usize, until: usize| sound[from..until].iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
    let first = first_length(&house);
    assert!(length >= 3 * first, "{length} {first}");
    let loud = peak(0, first);
    let decibels = |sound: f32| 20.0 * (sound / loud).log10();
    let (usual, soft) = (decibels(peak(first, 2 * first)), decibels(peak(2 * first, 3 * first)));
    assert!((usual + 10.0).abs() < 0.5 && (soft + 20.0).abs() < 0.5, "{usual} dB, {soft} dB");
    house.verified();
}

/// Returns the samples of the first airing.
fn first_length(house: &House) -> usize {
    let first =
        house.entries().into_iter().filter(heard).min_by_key(|entry| entry.close.as_ref().unwrap().ended);
    let close = first.unwrap().close.unwrap();
    usize::try_from(close.heard.unwrap().as_micros()).unwrap() * 48 / 1000
}
