//! A feed: a small server that answers as servers do, and as they should not.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::clerk::{Clerk, warning};

/// Answers by path, each the whole of an answer; those for a tag that the asker has are 304. Keeps who asked for what.
#[derive(Default)]
struct Office {
    answers: Vec<(String, String)>,
    asked: Vec<String>,
}

struct Server {
    at: String,
    office: Arc<Mutex<Office>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let office = Arc::new(Mutex::new(Office::default()));
        let shared = office.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                thread::spawn(move || answer(stream.unwrap(), &shared));
            }
        });
        Self { at, office }
    }

    fn serves(&self, path: &str, body: &str, more: &str) {
        let head =
            format!("HTTP/1.1 200 OK\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
        self.answers(path, head + body);
    }

    fn answers(&self, path: &str, whole: String) {
        let mut office = self.office.lock().unwrap();
        office.answers.retain(|(known, _)| known != path);
        office.answers.push((path.to_owned(), whole));
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.office.lock().unwrap().asked)
    }
}

fn answer(mut stream: TcpStream, office: &Mutex<Office>) {
    let (mut path, mut tag) = (String::new(), String::new());
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(rest) = line.strip_prefix("GET ") {
            rest.split(' ').next().unwrap().clone_into(&mut path);
        } else if let Some((name, value)) = line.split_once(": ") {
            if name.eq_ignore_ascii_case("if-none-match") {
                value.clone_into(&mut tag);
            }
        } else if line.is_empty() {
            break;
        }
    }
    let found = {
        let mut office = office.lock().unwrap();
        office.asked.push(format!("{path} {tag}").trim().to_owned());
        office.answers.iter().find(|(known, _)| *known == path).map(|(_, whole)| whole.clone())
    };
    let whole = match found {
        None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
        Some(whole) if !tag.is_empty() && whole.contains(&tag) => {
            "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()
        }
        Some(whole) => whole,
    };
    let _ = stream.write_all(whole.as_bytes());
    if whole.contains("content-length: 999") {
        // The rest never comes; the asker gives up first.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    }
}

fn feed(entries: &[&str]) -> String {
    let mut all =
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>f</id><title>f</title><updated>u</updated>"
            .to_owned();
    for entry in entries {
        write!(all, "<entry><id>{}</id><updated>u</updated>{entry}</entry>", entry.len()).unwrap();
    }
    all + "</feed>"
}

fn link(href: &str) -> String {
    format!("<link type=\"application/cap+xml\" href=\"{href}\"/>")
}

#[test]
fn a_feed_is_asked_whether_it_changed_and_each_warning_comes_in_once() {
    let (clerk, server) = (Clerk::new(), Server::new());
    let url = format!("{}/feed.atom", server.at);
    let look = || clerk.done(&["county", "alert", "feed", &url, "--once"]);
    let first = warning("first", "Moderate");
    let content = format!("<content type=\"text/xml\">{first}</content>");
    server.serves("/feed.atom", &feed(&[&content]), "etag: \"v1\"\r\n");
    assert!(look().contains("Waits for a person"));
    assert_eq!(server.asked(), ["/feed.atom"]);

    assert!(!look().contains("Waits"));
    assert_eq!(server.asked(), ["/feed.atom \"v1\""], "the tag is kept over restarts");

    server.serves("/a/second.xml", &warning("second", "Extreme"), "");
    server.serves("/feed.atom", &feed(&[&content, &link("a/second.xml")]), "etag: \"v2\"\r\n");
    // A person said no to the first one: it does not come again.
    std::fs::remove_file(clerk.path("alerts/waiting/first.json")).unwrap();
    assert!(look().contains("alerts/waiting/second.json"));
    assert_eq!(server.asked(), ["/feed.atom \"v1\"", "/a/second.xml"]);
    look();
    assert_eq!(server.asked(), ["/feed.atom \"v2\""], "a link that was taken is not fetched again");
    let waiting: Vec<_> = clerk.waiting().into_iter().map(|one| one.alert.identifier).collect();
    assert_eq!(waiting, ["second"]);
}

#[test]
fn a_feed_that_is_too_large_slow_moved_or_elsewhere_is_refused_and_harms_nothing() {
    let (clerk, server, other) = (Clerk::new(), Server::new(), Server::new());
    let url = format!("{}/feed", server.at);
    let look = || clerk.failed(&["county", "alert", "feed", &url, "--once", "--within", "1s"]);
    server.serves("/feed", &feed(&[&" ".repeat(1 << 20)]), "");
    assert!(look().contains("1 MiB"));
    server.answers("/feed", "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n<feed".to_owned());
    assert!(look().contains("timeout"));
    server.answers(
        "/feed",
        format!("HTTP/1.1 302 Found\r\nlocation: {}/x\r\ncontent-length: 0\r\n\r\n", other.at),
    );
    assert!(look().contains("was moved"));
    server.serves("/feed", "<rss version=\"2.0\"><channel/></rss>", "");
    assert!(look().contains("RSS has headlines"));

    other.serves("/x", &warning("x", "Moderate"), "");
    server.serves("/feed", &feed(&[&link(&format!("{}/x", other.at)), &link("https://cap.invalid/y")]), "");
    let told = clerk.done(&["county", "alert", "feed", &url, "--once"]);
    assert!(told.contains("another host") && told.contains("--allow cap.invalid"), "{told}");
    assert!(other.asked().is_empty() && clerk.waiting().is_empty());
    clerk.done(&[
        "county",
        "alert",
        "feed",
        &url,
        "--once",
        "--allow",
        other.at.strip_prefix("http://").unwrap(),
    ]);
    assert_eq!((other.asked(), clerk.waiting().len()), (vec!["/x".to_owned()], 1));

    assert!(
        clerk.failed(&["county", "alert", "feed", "http://cap.invalid/f", "--once"]).contains("not an https")
    );
    clerk.failed(&["county", "alert", "feed", &url, "--every", "1s"]);
}
