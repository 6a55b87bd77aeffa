//! The output `icecast`, with Debian's Icecast and ffmpeg listening; the server dies, the line goes dead, the password is wrong.

use std::process::Command;
use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Clip, Selection, Setting};
use dalaba::output::{self, OpenContext};
use dalaba::station::clock;
use dalaba::station::player::{How, PlayerEvent};

use crate::support::correlate;
use crate::support::horn::{Horn, selection, text};
use crate::support::icecast::Icecast;
use crate::support::{noise, poll};

fn stream(server: &Icecast, scheme: &str, more: &[(&str, Setting)]) -> Selection {
    let password = server.path("password");
    let mut options = vec![
        ("url", text(server.url(scheme))),
        ("password_file", text(password.to_str().unwrap())),
        ("bitrate", Setting::Integer(96)),
        ("name", text("赵家庄大喇叭")),
        ("genre", text("交通安全")),
    ];
    options.extend(more.iter().cloned());
    selection("icecast", &options)
}

fn assert_heard(clip: &Clip, sound: &[f32], least: f64) {
    let found = correlate::find(&clip.samples, sound).expect("the recording is long enough");
    assert!(found.correlation > least, "{found:?} in {} samples", sound.len());
}

fn drained(horn: &Horn, clip: &Clip) {
    let end = horn.ended();
    let PlayerEvent::Ended { started: Some(started), ended, heard, how: How::Drained, .. } = end else {
        panic!("{end:?}")
    };
    assert_eq!(heard, clip.length());
    let off = ended - started - TimeDelta::from_std(clip.length()).unwrap();
    assert!(off > TimeDelta::milliseconds(-200), "{off} too early: not in real time");
}

/// Has two messages heard by ffmpeg, and returns what another listener got, bytes as they came.
fn two_messages(codec: &str, least: f64) -> (Vec<u8>, String) {
    let server = Icecast::start();
    let horn = Horn::start(stream(&server, "http", &[("codec", text(codec))]));
    horn.up();
    let clips = [("安全带", noise::clip(1, 1_500)), ("头盔", noise::clip(2, 1_000))];
    let (listener, bytes, status) = thread::scope(|scope| {
        let listener = server.listen();
        let raw = scope.spawn(|| server.fetch("/village.ogg"));
        for (name, clip) in &clips {
            horn.play(name, clip);
            drained(&horn, clip);
        }
        let status = String::from_utf8_lossy(&server.fetch("/status-json.xsl")).into_owned();
        horn.quit();
        (listener, raw.join().unwrap(), status)
    });
    let sound = listener.finish();
    for (_, clip) in &clips {
        assert_heard(clip, &sound, least);
    }
    (bytes, status)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn messages_are_heard_by_a_listener_in_opus_under_their_names() {
    let (bytes, status) = two_messages("opus", 0.95);
    assert!(holds(&bytes, "OpusHead") && holds(&bytes, "TITLE=安全带") && holds(&bytes, "TITLE=头盔"));
    assert!(status.contains("赵家庄大喇叭") && status.contains("交通安全"), "{status}");
}

#[test]
fn messages_are_heard_by_a_listener_in_flac_to_the_last_bit() {
    let (bytes, _) = two_messages("flac", 0.9999);
    assert!(holds(&bytes, "fLaC") && holds(&bytes, "TITLE=安全带") && holds(&bytes, "TITLE=头盔"));
}

#[test]
fn a_server_killed_amid_a_message_is_a_loss_and_the_stream_comes_back_with_it() {
    let mut server = Icecast::start();
    let horn = Horn::start(stream(&server, "http", &[]));
    horn.up();
    horn.play("安全带", &noise::clip(3, 8_000));
    horn.started();
    poll::pass(Duration::from_millis(600));
    let harmed = clock::wall();
    server.kill();
    let PlayerEvent::Ended { started, heard, how: How::Lost(words), .. } = horn.ended() else { panic!() };
    let (seen, sounded) = (clock::wall() - harmed, (harmed - started.unwrap()).to_std().unwrap());
    assert!(seen < TimeDelta::seconds(2), "{seen}");
    assert!(heard <= sounded + Duration::from_millis(100), "{heard:?} {sounded:?}");
    assert!(words.en.contains("was lost") && !words.en.contains("密码"), "{words}");
    server.begin();
    horn.up();
    let (listener, again) = (server.listen(), noise::clip(4, 900));
    horn.play("头盔", &again);
    drained(&horn, &again);
    horn.quit();
    assert_heard(&again, &listener.finish(), 0.95);
}

/// Its machine is there and acknowledges everything, and nobody hears anything.
#[test]
fn a_server_that_hangs_amid_a_message_is_a_loss_within_12_s_and_the_stream_comes_back_with_it() {
    let server = Icecast::start();
    let horn = Horn::start(stream(&server, "http", &[]));
    horn.up();
    horn.play("安全带", &noise::clip(5, 20_000));
    horn.started();
    poll::pass(Duration::from_secs(4));
    let harmed = clock::wall();
    server.signal("STOP");
    let ended = horn.ended();
    let PlayerEvent::Ended { how: How::Lost(words), .. } = ended else { panic!("{ended:?}") };
    let seen = clock::wall() - harmed;
    println!("seen after {} ms", seen.num_milliseconds());
    assert!(seen < TimeDelta::seconds(12) && words.en.contains("does not answer any more"), "{seen} {words}");
    server.signal("CONT");
    horn.up();
    let (listener, again) = (server.listen(), noise::clip(6, 900));
    horn.play("头盔", &again);
    drained(&horn, &again);
    horn.quit();
    assert_heard(&again, &listener.finish(), 0.95);
}

#[test]
fn tls_is_spoken_with_a_server_that_is_known_and_with_no_other() {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertifiedIssuer::self_signed(authority, key).unwrap();
    let own = rcgen::KeyPair::generate().unwrap();
    let shown = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&own, &authority)
        .unwrap();
    let server = Icecast::with_tls(&format!("{}{}", own.serialize_pem(), shown.pem()));
    let unknown = Horn::start(stream(&server, "https", &[]));
    let why = unknown.down();
    assert!(why.contains("UnknownIssuer") || why.contains("certificate"), "{why}");
    let known = server.path("authority.pem");
    std::fs::write(&known, authority.pem()).unwrap();
    let horn = Horn::start(stream(&server, "https", &[("certificate", text(known.to_str().unwrap()))]));
    horn.up();
    let clip = noise::clip(5, 700);
    horn.play("安全带", &clip);
    drained(&horn, &clip);
    horn.quit();
}

#[test]
fn a_wrong_password_or_a_stream_that_is_taken_is_named_and_no_password_is_shown() {
    let server = Icecast::start();
    let wrong = server.path("wrong");
    std::fs::write(&wrong, "猜的密码").unwrap();
    let open = |selection: &Selection| {
        output::open(selection, OpenContext { clock: clock::steady }).map(drop).map_err(|fault| fault.words())
    };
    let words =
        open(&stream(&server, "http", &[("password_file", text(wrong.to_str().unwrap()))])).unwrap_err();
    assert!(words.en.contains("does not accept the password") && words.zh.contains("不接受"), "{words}");
    assert!(!format!("{words}").contains("猜的密码"));
    let none = open(&stream(&server, "http", &[("password_file", text("/nowhere"))])).unwrap_err();
    assert!(none.en.contains("cannot be read"), "{none}");
    let first = output::open(&stream(&server, "http", &[]), OpenContext { clock: clock::steady }).unwrap();
    let taken = open(&stream(&server, "http", &[])).unwrap_err();
    assert!(taken.en.contains("refuses the stream /village.ogg"), "{taken}");
    drop(first);
    open(&stream(&server, "http", &[])).unwrap();
}

#[test]
fn a_line_that_goes_dead_amid_a_message_is_a_loss_and_what_did_not_arrive_was_not_heard() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: networks of our own need root");
        return;
    }
    let network = Network::make();
    let server = Icecast::at(&network.there, 8000, &["ip", "netns", "exec", &network.name], None);
    let horn = Horn::start(stream(&server, "http", &[]));
    horn.up();
    horn.play("安全带", &noise::clip(6, 8_000));
    horn.started();
    poll::pass(Duration::from_millis(800));
    network.cut();
    let cut = clock::wall();
    let end = horn.ended();
    let PlayerEvent::Ended { started: Some(started), heard, how: How::Lost(_), .. } = &end else {
        panic!("{end:?}")
    };
    let seen = clock::wall() - cut;
    assert!(seen > TimeDelta::seconds(1) && seen < TimeDelta::milliseconds(3_500), "{seen}");
    let sounded = (cut - *started).to_std().unwrap();
    assert!(*heard <= sounded + Duration::from_millis(60), "heard {heard:?} of {sounded:?}");
}

/// A network of the server's own, with one cable to ours; gone when dropped.
struct Network {
    name: String,
    cable: String,
    there: String,
}

impl Network {
    fn make() -> Self {
        let unique = std::process::id();
        let network = Self {
            name: format!("dalaba-ice-{unique}"),
            cable: format!("di{unique}"),
            there: "10.214.1.2".into(),
        };
        let Self { name, cable, there } = &network;
        let far = format!("dj{unique}");
        ip(&["netns", "add", name]);
        ip(&["link", "add", cable, "type", "veth", "peer", "name", &far, "netns", name]);
        ip(&["address", "add", "10.214.1.1/24", "dev", cable]);
        ip(&["link", "set", cable, "up"]);
        ip(&["-n", name, "address", "add", &format!("{there}/24"), "dev", &far]);
        ip(&["-n", name, "link", "set", &far, "up"]);
        network
    }

    /// Loses everything from now on, and tells nobody.
    fn cut(&self) {
        ip(&["-n", &self.name, "address", "flush", "dev", &self.cable.replacen("di", "dj", 1)]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // What is not there cannot be taken away.
        let _ = Command::new("ip").args(["link", "del", &self.cable]).output();
        let _ = Command::new("ip").args(["netns", "del", &self.name]).output();
    }
}

fn ip(words: &[&str]) {
    let output = Command::new("ip").args(words).output().unwrap();
    assert!(output.status.success(), "ip {words:?}: {}", String::from_utf8_lossy(&output.stderr));
}
