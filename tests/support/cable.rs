//! A cable between two programs on this machine, which can be cut so that nobody is told: bytes go in, and nothing comes out.
//!
//! Kernels without netem lose no packets on purpose; this is a small TCP proxy of our own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A cable; pulled out of both ends when dropped.
pub(crate) struct Cable {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Whether new connections are silent, too.
    cut: AtomicBool,
    gone: AtomicBool,
    /// The word at which a wire goes silent.
    trap: Mutex<Option<&'static str>>,
    wires: Mutex<Vec<Arc<Wire>>>,
}

/// One connection, both ways.
struct Wire {
    near: TcpStream,
    far: Option<TcpStream>,
    /// For ever: a network that lost a connection does not find it again.
    silent: AtomicBool,
    /// The first bytes that went out, by which tests know it.
    said: Mutex<Vec<u8>>,
}

impl Cable {
    /// Lays a cable to `port` of this machine.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if served.gone.load(Ordering::SeqCst) {
                    return;
                }
                served.plug_in(near, SocketAddr::from(([127, 0, 0, 1], port)));
            }
        });
        Self { port: own, state }
    }

    /// Returns the port of the near end.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Cuts it: all that is under way is swallowed for ever, and so is all that begins.
    pub(crate) fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        self.silence(|_| true);
    }

    /// Lets new connections through again; those of before stay silent.
    pub(crate) fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Lets the next connection that says `word` go silent before the word is through.
    pub(crate) fn swallow_at(&self, word: &'static str) {
        *self.state.trap() = Some(word);
    }

    /// Tells whether nobody has said that word yet.
    pub(crate) fn waits_for_its_word(&self) -> bool {
        self.state.trap().is_some()
    }

    /// Swallows the connections that have said `word`; returns how many there were.
    pub(crate) fn silence_those_that_said(&self, word: &str) -> usize {
        self.silence(|wire| {
            let said = wire.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.windows(word.len()).any(|window| window == word.as_bytes())
        })
    }

    fn silence(&self, which: impl Fn(&Wire) -> bool) -> usize {
        let wires = self.state.wires();
        let found = wires.iter().filter(|wire| !wire.silent.load(Ordering::SeqCst) && which(wire));
        found.map(|wire| wire.silent.store(true, Ordering::SeqCst)).count()
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.state.gone.store(true, Ordering::SeqCst);
        for wire in self.state.wires().drain(..) {
            wire.close();
        }
        // Lets the listener go.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl State {
    fn wires(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Wire>>> {
        self.wires.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trap(&self) -> std::sync::MutexGuard<'_, Option<&'static str>> {
        self.trap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether the trap's word is among these bytes; it snaps once.
    fn snaps(&self, bytes: &[u8]) -> bool {
        self.trap()
            .take_if(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
            .is_some()
    }

    fn plug_in(self: &Arc<Self>, near: TcpStream, to: SocketAddr) {
        let cut = self.cut.load(Ordering::SeqCst);
        let far = if cut { None } else { TcpStream::connect(to).ok() };
        // Nobody is there: that is told, as a machine tells it that lives.
        if far.is_none() && !cut {
            let _ = near.shutdown(Shutdown::Both);
            return;
        }
        let wire = Arc::new(Wire { near, far, silent: AtomicBool::new(cut), said: Mutex::default() });
        self.wires().push(Arc::clone(&wire));
        let (back, state) = (Arc::clone(&wire), Arc::clone(self));
        thread::spawn(move || wire.carry_out(&state));
        thread::spawn(move || back.carry_back());
    }
}

impl Wire {
    fn carry_out(&self, state: &State) {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = (&self.near).read(&mut bytes) {
            self.note(&bytes[..length]);
            if state.snaps(&bytes[..length]) {
                self.silent.store(true, Ordering::SeqCst);
            }
            if !self.pass(self.far.as_ref(), &bytes[..length]) {
                break;
            }
        }
        self.hang_up();
    }

    fn carry_back(&self) {
        let Some(far) = &self.far else { return };
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = (&mut &*far).read(&mut bytes) {
            if !self.pass(Some(&self.near), &bytes[..length]) {
                break;
            }
        }
        self.hang_up();
    }

    fn note(&self, bytes: &[u8]) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let room = 4096_usize.saturating_sub(said.len());
        said.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn pass(&self, to: Option<&TcpStream>, bytes: &[u8]) -> bool {
        self.silent.load(Ordering::SeqCst) || to.is_some_and(|mut to| to.write_all(bytes).is_ok())
    }

    /// An end is told on, unless the cable is cut.
    fn hang_up(&self) {
        if !self.silent.load(Ordering::SeqCst) {
            self.close();
        }
    }

    fn close(&self) {
        for stream in [Some(&self.near), self.far.as_ref()].into_iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
