//! Plays WAV files on an output, to try a sound device by hand: `cargo run --example loudspeaker -- device device=default`
//!
//! Orders come as lines on standard input: `play NAME FILE`, `at MICROSECONDS NAME FILE`, `warm`, `stop`,
//! `volume PERCENT`, `quit`. Events go as lines to standard output, their parts separated by tabs.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;

use chrono::{DateTime, Utc};
use dalaba::model::{AiringId, Clip, Selection, Setting, StationId};
use dalaba::output::{self, OpenContext};
use dalaba::station::clock;
use dalaba::station::player::{How, Player, PlayerEvent, Setup};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selection = selection(std::env::args().skip(1))?;
    let kind = output::kind(&selection)?;
    (kind.check)(&selection)?;
    let setup = Setup {
        station: StationId::new("试音")?,
        open: {
            let selection = selection.clone();
            Box::new(move || output::open(&selection, OpenContext { clock: clock::steady }))
        },
        probe: kind.probe.map(|probe| -> dalaba::station::player::Probe {
            let selection = selection.clone();
            Box::new(move || probe(&selection))
        }),
        amplifier: None,
        volume: 100,
    };
    let (send, events) = mpsc::channel();
    let player = Player::start(
        setup,
        Box::new(move |event| {
            let _ = send.send(event);
        }),
    )?;
    let printer = std::thread::spawn(move || print(&events));
    for line in io::stdin().lock().lines() {
        obey(&player, &line?)?;
    }
    player.quit();
    printer.join().map_err(|_| "the printer failed")??;
    Ok(())
}

fn selection(mut words: impl Iterator<Item = String>) -> Result<Selection, &'static str> {
    let kind = words.next().ok_or("usage: loudspeaker KIND [KEY=VALUE]…")?;
    let options = words
        .map(|word| {
            word.split_once('=').map(|(key, value)| (key.to_owned(), Setting::Text(value.to_owned())))
        })
        .collect::<Option<_>>()
        .ok_or("options are written KEY=VALUE")?;
    Ok(Selection { kind, options })
}

fn obey(player: &Player, line: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("play"), Some(name), Some(file)) => {
            player.play(AiringId::from_record(name), Arc::new(read(Path::new(file))?));
        }
        (Some("at"), Some(at), Some(rest)) => {
            let at = DateTime::from_timestamp_micros(at.parse()?).ok_or("no such time")?;
            let (name, file) = rest.split_once(' ').ok_or("usage: at MICROSECONDS NAME FILE")?;
            player.play_at(AiringId::from_record(name), Arc::new(read(Path::new(file))?), at);
        }
        (Some("warm"), ..) => player.warm(),
        (Some("stop"), ..) => player.stop(),
        (Some("volume"), Some(percent), _) => player.volume(percent.parse()?),
        (Some("quit"), ..) => player.quit(),
        _ => return Err(format!("no such order: {line}").into()),
    }
    Ok(())
}

fn read(file: &Path) -> Result<Clip, hound::Error> {
    let mut reader = hound::WavReader::open(file)?;
    let rate = reader.spec().sample_rate;
    let samples =
        reader.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32768.0)).collect::<Result<_, _>>()?;
    Ok(Clip { rate, samples })
}

fn print(events: &mpsc::Receiver<PlayerEvent>) -> io::Result<()> {
    for event in events {
        let mut out = io::stdout().lock();
        match event {
            PlayerEvent::Started { airing, at } => writeln!(out, "started\t{airing}\t{}", micros(at)),
            PlayerEvent::Ended { airing, started, ended, heard, how } => writeln!(
                out,
                "ended\t{airing}\t{}\t{}\t{}\t{}",
                started.map_or_else(|| "-".to_owned(), |at| micros(at).to_string()),
                micros(ended),
                heard.as_micros(),
                how_text(&how)
            ),
            PlayerEvent::Up => writeln!(out, "up"),
            PlayerEvent::Closed => writeln!(out, "closed"),
            PlayerEvent::Down(words) => writeln!(out, "down\t{words}"),
            PlayerEvent::Quit => return writeln!(out, "quit"),
        }?;
        out.flush()?;
    }
    Ok(())
}

/// Times are printed in microseconds since 1970.
fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

fn how_text(how: &How) -> String {
    match how {
        How::Drained => "drained\t".to_owned(),
        How::Stopped => "stopped\t".to_owned(),
        How::Lost(words) => format!("lost\t{words}"),
        How::Absent(words) => format!("absent\t{words}"),
    }
}
