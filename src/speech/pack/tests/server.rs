//! A web server on this machine, well-behaved or not.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

/// How it serves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// As it should.
    Good,
    /// It has nothing.
    Missing,
    /// It hangs up in the middle of a file.
    Cut,
    /// It goes on for ever.
    Endless,
    /// It hangs up without a word.
    Silent,
}

/// Serves the files of `folder`, and returns the address; ends with the test's process.
pub(super) fn serve(folder: &Path, manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let folder = folder.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that has gone away has its reasons.
            let _ = answer(&stream, &folder, manner);
        }
    });
    address
}

fn answer(mut stream: &TcpStream, folder: &Path, manner: Manner) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let body = fs::read(folder.join(path)).unwrap_or_default();
    let head = |status: &str, length: &str| format!("HTTP/1.1 {status}\r\n{length}Connection: close\r\n\r\n");
    let length = format!("Content-Length: {}\r\n", body.len());
    match manner {
        Manner::Silent => Ok(()),
        Manner::Missing => stream.write_all(head("404 Not Found", "Content-Length: 0\r\n").as_bytes()),
        Manner::Good => {
            stream.write_all(head("200 OK", &length).as_bytes())?;
            stream.write_all(&body)
        }
        Manner::Cut => {
            stream.write_all(head("200 OK", &length).as_bytes())?;
            stream.write_all(&body[..body.len() / 2])
        }
        Manner::Endless => {
            stream.write_all(head("200 OK", "").as_bytes())?;
            loop {
                stream.write_all(&[7; 4096])?;
            }
        }
    }
}
