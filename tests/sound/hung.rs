//! The player with outputs that misbehave as no test could make a real one do.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use dalaba::clip::RATE;
use dalaba::model::{AiringId, StationId};
use dalaba::output::{Output, OutputFault};
use dalaba::station::player::{Doing, How, Opener, Player, PlayerEvent, Setup};

use crate::support::{noise, poll};

const SOON: Duration = Duration::from_secs(6);

/// Takes nothing and returns only when the test lets it: a driver that hangs in the kernel.
struct Hung {
    release: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Output for Hung {
    fn rate(&self) -> u32 {
        RATE
    }

    fn write(&mut self, _: &[f32]) -> Result<(), OutputFault> {
        // The test drops the sender to let go.
        let _ = self.release.lock().unwrap().recv();
        Err(OutputFault::Stalled)
    }

    fn heard(&self) -> u64 {
        0
    }

    fn drain(&mut self) -> Result<(), OutputFault> {
        Ok(())
    }

    fn cut(&mut self) {}
}

fn player(open: Opener) -> (Player, mpsc::Receiver<PlayerEvent>) {
    let (send, events) = mpsc::channel();
    let setup =
        Setup {
            station: StationId::new("赵家庄").unwrap(), open, probe: None, amplifier: None, volume: 100
        };
    let player = Player::start(setup, Box::new(move |event| send.send(event).unwrap_or_default())).unwrap();
    (player, events)
}

#[test]
fn a_thread_that_hangs_in_a_driver_is_seen_and_given_up_and_says_nothing_more() {
    let (let_go, release) = mpsc::channel();
    let release = Arc::new(Mutex::new(release));
    let (player, events) = player(Box::new(move || Ok(Box::new(Hung { release: Arc::clone(&release) }))));
    assert_eq!(events.recv_timeout(SOON), Ok(PlayerEvent::Up));
    player.play(AiringId::from_record("airing"), Arc::new(noise::clip(1, 500)));
    poll::until("the thread to play", SOON, || (player.progress().doing == Doing::Playing).then_some(()));
    let moved = player.progress().moved;
    poll::pass(Duration::from_millis(300));
    assert_eq!(player.progress().moved, moved);
    player.abandon();
    drop(let_go);
    assert_eq!(events.recv_timeout(SOON), Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn an_output_that_died_while_it_was_kept_open_is_opened_again_before_anything_is_lost() {
    let opened = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&opened);
    let (let_go, release) = mpsc::channel();
    drop(let_go);
    let release = Arc::new(Mutex::new(release));
    let (player, events) = player(Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Hung { release: Arc::clone(&release) }))
    }));
    assert_eq!(events.recv_timeout(SOON), Ok(PlayerEvent::Up));
    player.play(AiringId::from_record("airing"), Arc::new(noise::clip(1, 500)));
    let Ok(PlayerEvent::Ended { how: How::Lost(_), started: None, .. }) = events.recv_timeout(SOON) else {
        panic!("not lost")
    };
    assert_eq!(opened.load(Ordering::Relaxed), 2);
}

#[test]
fn an_absent_output_is_tried_again_with_growing_patience_and_at_once_when_something_is_to_play() {
    let opened = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&opened);
    let (player, events) = player(Box::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Err(OutputFault::Stalled)
    }));
    let Ok(PlayerEvent::Down(words)) = events.recv_timeout(SOON) else { panic!("not down") };
    player.play(AiringId::from_record("airing"), Arc::new(noise::clip(1, 500)));
    let Ok(PlayerEvent::Ended { how: How::Absent(why), heard, .. }) = events.recv_timeout(SOON) else {
        panic!("not absent")
    };
    assert_eq!((why, heard, opened.load(Ordering::Relaxed)), (words, Duration::ZERO, 2));
    // Then after 1 s, and after 2 s more.
    poll::pass(Duration::from_millis(2_500));
    assert_eq!(opened.load(Ordering::Relaxed), 3);
    player.quit();
    assert_eq!(events.recv_timeout(SOON), Ok(PlayerEvent::Quit));
}
