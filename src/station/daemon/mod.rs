//! The running daemon: it puts the files in force, runs a loop for each station, and answers people and systemd.

mod alerts;
mod board;
mod county;
mod hearing;
mod housekeeping;
mod in_force;
mod ledger;
mod mouth;
mod orders;
mod power;
mod screen;
mod signals;
mod status;
mod team;
mod timekeeper;
mod worker;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use self::alerts::{Alerts, Desk};
use self::county::CountyDesk;
use self::housekeeping::Housekeeping;
use self::in_force::{Files, InForce, LoadError, Reading};
use self::ledger::Ledger;
use self::orders::Saying;
use self::signals::Signals;
use self::status::Identity;
use self::team::{Past, Team};
use self::timekeeper::Timekeeper;
use crate::model::{Lang, Site, StationId, Words};
use crate::station::control::{ControlReply, ControlRequest, Request, Socket};
use crate::station::journal::{Journal, JournalError, JournalHandle, Recovered, RunStart, Writer};
use crate::station::lock::{LockError, StateLock};
use crate::station::memory::{LastGood, Memory, Remembered};
use crate::station::reserve::Reserve;
use crate::station::watch::{Changed, Targets, watch as watch_files};
use crate::station::{bundles, clock, courier, systemd};

/// What the daemon is told at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The station file.
    pub config: PathBuf,
    /// The state folder.
    pub state: PathBuf,
    /// The language on screen.
    pub lang: Lang,
    /// Whether people watch: what airs is shown on standard output.
    pub screen: bool,
}

/// Says why the daemon could not start, or not go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Another daemon has the state folder, or it cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The as-run log cannot be opened.
    #[error("the as-run log cannot be opened")]
    Journal(#[from] JournalError),
    /// The station file has mistakes and no good version of it is known; the report names them all.
    #[error("the station file has mistakes")]
    Site(Words),
    /// The operating system refused something.
    #[error("the operating system refused")]
    System(#[from] io::Error),
    /// The voice cannot be used.
    #[error("the voice cannot be used")]
    Voice(#[source] crate::speech::engine::EngineFault),
}

impl From<LoadError> for DaemonError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Site(words) => Self::Site(words),
            LoadError::State(error) => Self::System(error),
            LoadError::Voice(error) => Self::Voice(error),
        }
    }
}

struct Daemon {
    files: Files,
    time: Arc<Timekeeper>,
    journal: JournalHandle,
    ledger: Ledger,
    team: Team,
    in_force: Arc<InForce>,
    announce: watch::Sender<Arc<InForce>>,
    identity: Identity,
    housekeeping: Housekeeping,
    changes: mpsc::Receiver<Changed>,
    county: CountyDesk,
    sayings: u64,
    desk: Desk,
    alerts: Alerts,
}

/// Runs until a signal ends it. Call it inside a tokio runtime.
pub async fn run(options: Options) -> Result<(), DaemonError> {
    let lock = StateLock::take(&options.state)?;
    let signals = Signals::new()?;
    let (mut daemon, writer) = Daemon::start(&options).await?;
    let requests = open_socket(&lock);
    if options.screen {
        screen::show(options.lang, &daemon.ledger, daemon.announce.subscribe(), daemon.team.boards());
    }
    systemd::ready(&daemon.status_line());
    daemon.serve(signals, requests).await;
    systemd::stopping();
    daemon.leave(writer).await;
    Ok(())
}

/// A daemon without a socket still airs what is due.
fn open_socket(lock: &StateLock) -> mpsc::Receiver<ControlRequest> {
    let (sender, requests) = mpsc::channel(16);
    match Socket::bind(lock) {
        Ok(socket) => {
            tokio::spawn(socket.serve(sender));
        }
        Err(error) => tracing::error!(%error, "{}", error.words()),
    }
    requests
}

impl Daemon {
    async fn start(options: &Options) -> Result<(Self, Writer), DaemonError> {
        let memory = Memory::open(&options.state);
        let remembered = memory.read();
        let time = Arc::new(Timekeeper::new(remembered.seen));
        let (journal, recovered) = open_journal(options, &time)?;
        time.learn(recovered.last_seen.filter(|_| remembered.seen.is_none()));
        let (journal, writer) = JournalHandle::spawn(journal)?;
        let files = Files {
            config: options.config.clone(),
            clips: options.state.join("clips"),
            state: options.state.clone(),
            good: LastGood::open(&options.state.join("good"))?,
        };
        let then = remembered.seen.unwrap_or_else(clock::wall);
        // They are watched: were they not there, the folder above would be, which changes with every record.
        let made = fs::create_dir_all(bundles::campaigns_below(&options.state));
        if let Err(error) = made.and_then(|()| courier::make_folder(&options.state)) {
            tracing::warn!(%error, "there is no folder for what the county sends");
        }
        let before = files.before(then).map(Arc::new);
        // The first reading tells what to watch; only what is read after that misses no change.
        let changes = watch_files(&targets(&files, &files.read(clock::wall())?.in_force.site));
        let reading = files.read(clock::wall())?;
        reading.log();
        let in_force = Arc::new(reading.in_force);
        let (announce, announced) = watch::channel(Arc::clone(&in_force));
        let ledger = Ledger::new(journal.clone());
        let past = Past { before, frontiers: remembered.frontiers.clone() };
        let team = Team::start(&time, &ledger, &journal, announced, (past, &options.state)).await?;
        let identity =
            Identity { run: u64::try_from(recovered.run).unwrap_or_default(), since: clock::wall() };
        let housekeeping = Housekeeping::new(memory);
        let county = CountyDesk::open(&options.state, files.store()?, &in_force, &ledger, &time);
        let mut daemon = Self {
            files,
            time,
            journal,
            ledger,
            team,
            in_force,
            announce,
            identity,
            housekeeping,
            changes,
            county,
            sayings: 0,
            desk: Desk::new(&options.state),
            alerts: Alerts::default(),
        };
        daemon.read_alerts(true).await;
        daemon.render_ahead();
        Ok((daemon, writer))
    }

    /// Lets the clips of what is in force be made beside everything else.
    fn render_ahead(&self) {
        let in_force = Arc::clone(&self.in_force);
        tokio::spawn(async move { in_force.render_ahead().await });
    }

    /// Does what comes, until a signal ends it.
    async fn serve(&mut self, mut signals: Signals, mut requests: mpsc::Receiver<ControlRequest>) {
        let mut beat = tokio::time::interval(housekeeping::EVERY);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let alerts = self.county.alerts();
        loop {
            tokio::select! {
                biased;
                _ = signals.terminate.recv() => return,
                _ = signals.interrupt.recv() => return,
                _ = signals.hang_up.recv() => self.read_again().await,
                () = alerts.notified() => self.read_alerts(false).await,
                Some(request) = requests.recv() => self.answer(request).await,
                Some(_) = self.changes.recv() => self.read_again().await,
                _ = beat.tick() => self.keep_house().await,
            }
        }
    }

    /// Reads all files again, under a watch that stood before: a file that is saved meanwhile is read once more.
    async fn read_again(&mut self) {
        loop {
            let watched = targets(&self.files, &self.in_force.site);
            self.changes = watch_files(&watched);
            self.reload().await;
            // A station file that names other folders is followed there.
            if targets(&self.files, &self.in_force.site) == watched {
                return;
            }
        }
    }

    async fn answer(&mut self, ControlRequest { request, who, reply }: ControlRequest) {
        let answer = match request {
            Request::Status => ControlReply::Status(Box::new(self.status().await)),
            Request::Say { text, stations, priority, repeat, status } => {
                tracing::info!(who, text, ?stations, %priority, "said");
                let text = Some(text);
                let saying = Saying { text, stations, priority, repeat, status, chime: None, label: "", who };
                return self.order(&saying, reply);
            }
            Request::Chime { good } => return self.order(&Saying::chime(good, who), reply),
            Request::Stop { stations } => {
                tracing::info!(who, ?stations, "stopped");
                let answer = orders::stop(&stations, &who, &self.in_force, (&self.team, &self.alerts));
                self.keep_silent(&answer).await;
                answer
            }
            Request::Alerts => {
                self.read_alerts(false).await;
                ControlReply::Alerts
            }
            Request::Reload => self.reload().await,
            Request::ClockAccept => {
                tracing::warn!(who, "the wall clock was accepted");
                self.time.accept();
                self.keep_house().await;
                ControlReply::ClockAccepted
            }
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }

    /// Puts an order on air, and answers once the log has it.
    fn order(&mut self, saying: &Saying, reply: oneshot::Sender<ControlReply>) {
        self.sayings += 1;
        // Tells two sayings of the same second apart.
        let name = format!("{}r{}-{}", saying.label, self.identity.run, self.sayings);
        let records = self.ledger.listen();
        let answer = orders::say(saying, &name, &self.in_force, &self.team, &self.time.now());
        tokio::spawn(async move {
            orders::wait_for_records(&answer, records).await;
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        });
    }

    /// Lets every loop know which alerts are in force.
    async fn read_alerts(&mut self, with_history: bool) {
        self.alerts = self.desk.read(with_history).await;
        self.team.tell_alerts(&self.alerts);
    }

    /// Remembers over every restart that alerts were stopped.
    async fn keep_silent(&mut self, answer: &ControlReply) {
        let ControlReply::Stopped { stations } = answer else { return };
        let ids = stations.iter().filter_map(|report| StationId::new(&report.station).ok()).collect();
        if let Err(error) = self.desk.stop(ids).await {
            tracing::error!(%error, "alerts were stopped, but a restart will not know it");
        }
        self.read_alerts(false).await;
    }

    /// Reads all files again. Whatever is wrong with them, what is in force stays or gets better.
    async fn reload(&mut self) -> ControlReply {
        systemd::reloading();
        let (files, now) = (self.files.clone(), clock::wall());
        let read =
            tokio::task::spawn_blocking(move || files.read(now).map(Reading::with_texts_reviewed)).await;
        let reply = match read {
            Ok(Ok(reading)) => {
                reading.log();
                let reply = reading.reply();
                self.in_force = Arc::new(reading.in_force);
                self.team.follow(&self.in_force).await;
                self.read_alerts(true).await;
                // Those who stay take over by themselves; the screen follows too.
                self.announce.send_replace(Arc::clone(&self.in_force));
                self.county.put_in_force(&self.in_force);
                self.housekeeping.remember_soon();
                self.render_ahead();
                reply
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "nothing was reloaded; what was in force stays");
                Words::new(format!("没有重新读入：{error}"), format!("nothing was reloaded: {error}")).into()
            }
            Err(error) => {
                Words::new(format!("读文件时出错：{error}"), format!("reading failed: {error}")).into()
            }
        };
        self.county.follow();
        systemd::ready(&self.status_line());
        reply
    }

    async fn keep_house(&mut self) {
        for event in self.time.look() {
            tracing::warn!(?event, "the wall clock");
            if let Err(error) = self.journal.commit_clock(clock::wall(), event).await {
                tracing::error!(%error, "what happened to the clock could not be recorded");
            }
            self.team.wake();
        }
        if self.housekeeping.slept() {
            self.team.wake();
        }
        self.ledger.retry().await;
        if self.desk.has_news() {
            self.read_alerts(false).await;
        }
        self.housekeeping.judge(&self.team.proofs());
        if self.county.wants_health() {
            self.county.tell_health(self.health().await);
        }
        let now = self.time.now();
        if self.in_force.changes_at.is_some_and(|at| at <= now.wall) {
            self.reload().await;
        }
        let remembered = || Remembered { seen: self.time.seen(), frontiers: self.team.frontiers() };
        self.housekeeping.remember(remembered, &now);
        if self.housekeeping.tell_systemd() {
            systemd::status(&self.status_line());
        }
    }

    /// Closes every record and leaves.
    async fn leave(mut self, writer: Writer) {
        let frontiers = self.team.dismiss_all().await;
        self.ledger.retry().await;
        self.housekeeping.remember_now(&Remembered { seen: self.time.seen(), frontiers });
        if let Err(error) = self.journal.end_run(clock::wall()).await {
            tracing::error!(%error, "the end of the run could not be recorded");
        }
        // The writer ends with its last handle.
        drop(self);
        writer.join();
    }
}

fn targets(files: &Files, site: &Site) -> Targets {
    // Not what comes in beside: that is nothing before it is whole.
    let county = bundles::campaigns_below(&files.state);
    let folders = vec![site.broadcasts.clone(), site.holidays.clone(), site.audio.clone(), county];
    let office = courier::office_below(&files.state);
    Targets { files: vec![files.config.clone(), site.lexicon.clone(), office], folders }
}

fn open_journal(options: &Options, time: &Timekeeper) -> Result<(Journal, Recovered), DaemonError> {
    let now = time.now();
    let start = RunStart {
        at: now.wall,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        // Without it a crash of the program only cannot be told from one of the machine.
        boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned(),
        steady: now.steady,
        clock_trusted: now.trusted,
    };
    let reserve = Reserve::new(&options.state);
    let opened = match Journal::open(&options.state, &start) {
        Err(error @ JournalError::DiskFull(_)) if reserve.give_back() => {
            tracing::error!(%error, "the reserve is used to begin all the same");
            Journal::open(&options.state, &start)
        }
        opened => opened,
    };
    if opened.is_ok() {
        reserve.keep();
    }
    Ok(opened?)
}
