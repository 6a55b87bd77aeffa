//! What an office may ask for when it publishes: a look beforehand, texts spoken at the county, a server that takes the bundle.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dalaba::clip::Workshop;
use dalaba::clip::recording::Folders;
use dalaba::clip::rendered::Rendered;
use dalaba::model::{BundlePart, LexiconEntry, Message, Selection};
use dalaba::speech::engine::Home;
use dalaba::speech::text::Reader;
use dalaba::speech::text::normalize::Options;
use dalaba::station::bundles::Campaign;
use dalaba::station::clock;
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::office::{Office, PROGRAM};
use crate::poll;

const PUBLISH: [&str; 9] =
    ["county", "publish", "campaign", "--campaign", "春运", "--by", "王", "--passphrase-file", "passphrase"];

fn publish<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&PUBLISH[..], more].concat()
}

fn in_force(office: &Office) -> Campaign {
    office.store().in_force(clock::wall()).pop().unwrap()
}

/// The workshop of the village with these words of its own.
fn workshop(office: &Office, own: &[LexiconEntry]) -> Workshop {
    let campaigns = office.path("state/county/campaigns");
    let home = Home { program: PathBuf::from(PROGRAM), voices: office.path("state/voices") };
    let voice = Selection { kind: "espeak".to_owned(), options: [].into() };
    let folders = Folders { own: office.path("audio"), campaigns };
    let clips = in_force(office).clips;
    let reader = Reader::new(own, Options::default());
    Workshop::new(&voice, reader, folders, office.path("clips"), home)
        .unwrap()
        .with_rendered(Rendered::new(clips, Reader::new(&[], Options::default())))
}

/// Who speaks the message, and for how long it sounds.
fn spoken(workshop: &Workshop, message: &Message) -> (String, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let length = runtime.block_on(workshop.prepare(message, None)).unwrap();
    let voice = length.voice.clone();
    let (clip, _) = runtime.block_on(workshop.programme(message, None, Some(&voice))).unwrap();
    (voice, clip.length())
}

#[test]
fn what_the_county_spoke_sounds_in_place_of_the_villages_own_voice() {
    let office = Office::new();
    let slow = "time_zone = \"Asia/Shanghai\"\n[voice]\nengine = \"espeak\"\nwords_per_minute = 90\n\
        [[station]]\nid = \"县\"\noutput = { kind = \"null\" }\n";
    office.write("county.toml", slow);
    let shown = office.done(&publish(&["--render", "--voice", "county.toml", "-o", "一.dalaba"]));
    // 头盔 has a recording: that sounds, and nothing has to be spoken.
    assert!(shown.contains("县里念好的 1 条（espeak"), "{shown}");
    office.done(&["import", "一.dalaba"]);
    let campaign = in_force(&office);
    let clips: Vec<_> = campaign.bundle.files.iter().filter(|f| f.path.part() == BundlePart::Clip).collect();
    assert_eq!((clips.len(), campaign.clips.len()), (1, 1));
    let belt = Arc::clone(campaign.playlists[0].message("安全带").unwrap());
    let (voice, slow) = spoken(&workshop(&office, &[]), &belt);
    assert!(voice.starts_with("espeak") && voice.ends_with("(county)"), "{voice}");
    // Repeats are the village's.
    let mut twice = Message::clone(&belt);
    twice.repeat.times = 2;
    assert!(spoken(&workshop(&office, &[]), &twice).1 > slow * 2);

    // A word that the village reads otherwise is spoken there, and so is every other text.
    let own = LexiconEntry {
        word: "生命".to_owned(),
        readings: ["sheng1", "min4"].map(|reading| reading.parse().unwrap()).to_vec(),
    };
    let (voice, quick) = spoken(&workshop(&office, &[own]), &belt);
    assert!(!voice.ends_with("(county)") && quick < slow, "{voice}, {quick:?} and {slow:?}");
    let mut other = Message::clone(&belt);
    other.text = Some("安全带就是生命线！".to_owned());
    assert!(!spoken(&workshop(&office, &[]), &other).0.ends_with("(county)"));
    let mut chosen = Message::clone(&belt);
    chosen.voice = Some(Selection { kind: "espeak".to_owned(), options: [].into() });
    assert!(!spoken(&workshop(&office, &[]), &chosen).0.ends_with("(county)"));

    // A worn card changes nothing that is said: the village speaks.
    let clip = office.path("state/county/campaigns/春运/1").join(clips[0].path.as_str());
    let mut bytes = fs::read(&clip).unwrap();
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    fs::write(clip, bytes).unwrap();
    assert!(!spoken(&workshop(&office, &[]), &belt).0.ends_with("(county)"));
}

#[test]
fn a_text_that_the_voice_cannot_speak_is_not_published() {
    let office = Office::new();
    let refused = office.refused(&publish(&["--render", "--voice", "kokoro"]));
    assert!(refused.contains("没有签发，“安全带就是生命带！”念不出来"), "{refused}");
    assert!(!office.path("published/春运").exists());
    assert!(office.refused(&publish(&["--render", "--voice", "nobody"])).contains("没有语音引擎"));
}

#[test]
fn a_dry_run_shows_the_timetable_of_a_village_and_what_changes() {
    let office = Office::new();
    let look = |more: &[&str]| office.done(&publish(&[&["--dry-run"], more].concat()));
    let first = look(&["--render"]);
    assert!(first.contains("第一次签发这个专项") && first.contains("08:00:00") && first.contains("18:00:00"));
    assert!(!office.path("published").exists());
    office.publish("一.dalaba");
    assert!(look(&[]).contains("和第 1 号一样，没有改动"));

    let text = fs::read_to_string(office.path("campaign/broadcasts/春运.toml")).unwrap();
    let text = text
        .replace("08:00", "09:30")
        .replace("生命带", "生命线")
        .replace("id = \"头盔\"", "id = \"戴头盔\"");
    office.write("campaign/broadcasts/春运.toml", &text);
    office.write("campaign/broadcasts/开学.toml", &text.replace("\"*\"", "\"zone:河西\""));
    let changed = look(&["--station", "赵家庄", "--zones", "河东", "--week"]);
    for line in [
        "新增 节目单“春运.开学”",
        "新增 “春运.春运”的播报条“戴头盔”",
        "去掉 “春运.春运”的播报条“头盔”",
        "改了 “春运.春运”的播报条“安全带”",
        "新增 “春运.春运”的时间 09:30 18:00",
        "去掉 “春运.春运”的时间 08:00 18:00",
        "新增 文件 broadcasts/开学.toml",
        "改了 文件 broadcasts/春运.toml",
        "赵家庄 起用后 168 小时",
    ] {
        assert!(changed.contains(line), "{line}\n{changed}");
    }
    // As the village's own plan has it: seven days, two times, two messages.
    assert_eq!(changed.matches("春运.春运  ").count(), 28, "{changed}");
    assert!(!changed.lines().any(|line| line.contains("春运.开学  ")), "{changed}");
    let elsewhere = office.done(&publish(&["--dry-run", "--to", "钱家庄", "--station", "赵家庄"]));
    assert!(elsewhere.contains("不是发给它的"), "{elsewhere}");
    let mut english = publish(&["--dry-run"]);
    english.extend(["--station", "赵家庄"]);
    let output = office.english(&english);
    assert!(
        output.contains("Against number 1:") && output.contains("gone: message 头盔 of 春运.春运"),
        "{output}"
    );
}

/// Answers one request as a server would, and returns its head and body.
fn server(answer: &'static str) -> (u16, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || exchange(listener.accept().unwrap().0, answer));
    (port, served)
}

fn exchange(stream: impl Read + Write, answer: &str) -> (String, Vec<u8>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while stream.read_line(&mut head).unwrap() > 2 {}
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        stream.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut piece = vec![0; size + 2];
        stream.read_exact(&mut piece).unwrap();
        body.extend(&piece[..size]);
        if size == 0 {
            break;
        }
    }
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    stream.get_mut().flush().unwrap();
    (head, body)
}

/// The county's real server, ended when the test ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_countys_server_takes_a_bundle_from_whoever_knows_its_certificate_and_no_second_of_that_number() {
    let office = Office::new();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    office.write("county.pem", &cert.pem());
    office.write("county.key", &signing_key.serialize_pem());
    let other = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    office.write("other.pem", &other.cert.pem());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (at, url) = (format!("127.0.0.1:{port}"), format!("https://localhost:{port}"));
    let serve = ["county", "serve", "--listen", &at, "--database", "county.db"];
    let serve = [&serve[..], &["--certificate", "county.pem", "--key", "county.key"]].concat();
    let mut serving = office.command(Command::new(PROGRAM), &serve);
    let _serving = Serving(serving.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    poll::until("the server", Duration::from_mins(1), || TcpStream::connect(&at).ok());

    let server = ["--server", &url, "--certificate"];
    let refused = office.refused(&publish(&[&["-o", "一.dalaba"], &server[..], &["other.pem"]].concat()));
    assert!(refused.contains("连不上服务器") && refused.contains("dalaba county send"), "{refused}");
    let send = |file: &str| [&["county", "send", file][..], &server, &["county.pem"]].concat().join("\n");
    let words = |file: &str| send(file).split('\n').map(str::to_owned).collect::<Vec<_>>();
    let bring = |file: &str| {
        let words = words(file);
        office.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(bring("一.dalaba").status.success());
    assert!(
        office
            .done(&publish(&[&["-o", "二.dalaba"], &server[..], &["county.pem"]].concat()))
            .contains("服务器收下了")
    );
    let late = bring("一.dalaba");
    let why = String::from_utf8(late.stderr).unwrap();
    assert!(!late.status.success() && why.contains("是旧的"), "{why}");
}

#[test]
fn what_the_server_refuses_is_said_in_its_words_and_can_be_sent_again() {
    let office = Office::new();
    let refusal = "HTTP/1.1 409 Conflict\r\nconnection: close\r\n\r\n\
        {\"error\":\"older\",\"zh\":\"是旧的\",\"en\":\"older\"}";
    let (port, served) = server(refusal);
    let url = format!("http://127.0.0.1:{port}");
    let refused = office.refused(&publish(&["-o", "一.dalaba", "--server", &url]));
    assert!(refused.contains("是旧的") && refused.contains("dalaba county send"), "{refused}");
    served.join().unwrap();
    let (port, served) = server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
    office.done(&["county", "send", "一.dalaba", "--server", &format!("http://127.0.0.1:{port}")]);
    assert_eq!(served.join().unwrap().1, fs::read(office.path("一.dalaba")).unwrap());
    // Nobody there: the bundle is written all the same, once.
    let nobody = TcpStream::connect(("127.0.0.1", port)).is_err();
    assert!(nobody);
    assert!(office.refused(&["county", "send", "一.dalaba", "--server", &url]).contains("连不上服务器"));
    assert!(office.refused(&publish(&["--server", "county"])).contains("不是服务器地址"));
    assert!(!office.path("春运-2.dalaba").exists());
}
