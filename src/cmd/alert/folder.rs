//! `dalaba county alert watch`: warnings that somebody puts into a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Arg, ArgMatches, Command, value_parser};
use tokio::time::timeout;

use super::Office;
use super::arguments::unattended;
use super::cap::read;
use super::intake::{Intake, listed};
use super::queue::Queue;
use crate::cmd::out::print;
use crate::cmd::{Context, Failure};
use crate::county::alarms::Alarms;
use crate::model::{Lang, Words};
use crate::station::clock;
use crate::station::disk::replace;
use crate::station::watch::{Targets, watch};

/// A file that was written to within this time may not be whole.
const FRESH: TimeDelta = TimeDelta::seconds(2);

/// Until a fresh file is looked at again.
const SOON: Duration = Duration::from_secs(2);

/// Until the folder is looked at although the kernel told of nothing: network shares tell nothing.
const LATER: Duration = Duration::from_mins(1);

/// Most files of one round; the others come in the next.
const MOST_FILES: usize = 200;

/// Most files of one name that are kept.
const MOST_NAMESAKES: u32 = 10_000;

/// The command.
pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("watch")
        .about(lang.pick("守着一个文件夹，收下放进来的预警", "Takes in the warnings that are put into a folder"))
        .after_help(lang.pick(
            "收下的文件移到 done/，不收的移到 refused/，旁边的 .txt 写着为什么。收下的等人签名（alerts/waiting/，list 看得到）；\
             写了 --by 和 --passphrase-file，应急以外的由程序签发。应急总是等人。",
            "Files that were taken go to done/, others to refused/ with the reason in a .txt beside. What was taken waits for a person \
             (alerts/waiting/, shown by list); with --by and --passphrase-file the program signs what is less than an emergency. \
             Emergencies always wait for a person.",
        ))
        .arg(
            Arg::new("folder")
                .required(true)
                .value_name(lang.pick("文件夹", "FOLDER"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("放预警文件的文件夹", "Where the files are put")),
        )
        .args(unattended(lang))
}

/// Takes in what is in the folder, and what comes.
pub(super) fn run(
    context: &Context,
    alarms: &Alarms,
    office: Option<&Office<'_>>,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    // clap has asked for it.
    let folder = typed.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    let inbox = Inbox {
        lang: context.lang,
        intake: Intake::new(context, typed)?,
        queue: Queue::open(context, alarms, office, typed)?,
        folder,
    };
    if typed.get_flag("once") {
        return inbox.sweep().map(|_| ());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("起不来", "cannot start", error))?;
    runtime.block_on(async {
        // Before the folder is read, or a file that comes in between waits for a minute.
        let mut changed = watch(&Targets { files: Vec::new(), folders: vec![inbox.folder.clone()] });
        loop {
            let again = if inbox.sweep()? { SOON } else { LATER };
            let _ = timeout(again, changed.recv()).await;
        }
    })
}

struct Inbox<'a> {
    lang: Lang,
    intake: Intake,
    queue: Queue<'a>,
    folder: PathBuf,
}

impl Inbox<'_> {
    /// Takes all that is whole, oldest first; tells whether something is left for soon.
    fn sweep(&self) -> Result<bool, Failure> {
        let mut files = files(&self.folder).map_err(|error| troubled(&self.folder, error))?;
        files.sort();
        let all = files.len();
        let fresh = |at: &DateTime<Utc>| (clock::wall() - at).abs() < FRESH;
        files.retain(|(at, _)| !fresh(at));
        files.truncate(MOST_FILES);
        for (_, path) in &files {
            self.take(path)?;
        }
        Ok(files.len() < all)
    }

    fn take(&self, path: &Path) -> Result<(), Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let judged = self.intake.judge(&name, &read(path)?, &self.queue.known()?, &|_| false);
        print(&(judged.told + &listed(self.lang, &name, &judged.links)))?;
        for (_, draft) in &judged.drafts {
            self.queue.put(&draft.alert)?;
        }
        let mut refused: Vec<Words> = judged.refused.into_iter().map(|refused| refused.words).collect();
        if judged.drafts.is_empty() && refused.is_empty() {
            refused.push(Words::new(
                format!("{name}：里面没有预警"),
                format!("{name}: there is no warning in it"),
            ));
        }
        // The reason is there before the file is: whoever finds the file finds it.
        let to = if judged.drafts.is_empty() { "refused" } else { "done" };
        let to = self.free(to, &name).map_err(|error| troubled(path, error))?;
        if !refused.is_empty() {
            let line = |all: String, why: &Words, lang| all + why.in_lang(lang) + "\n";
            let lines = |lang: Lang| refused.iter().fold(String::new(), |all, why| line(all, why, lang));
            print(&lines(self.lang))?;
            let mut reason = to.clone().into_os_string();
            reason.push(".txt");
            replace(Path::new(&reason), (lines(Lang::Zh) + "\n" + &lines(Lang::En)).as_bytes())
                .map_err(|error| troubled(path, error))?;
        }
        fs::rename(path, &to).map_err(|error| troubled(path, error))
    }

    /// Returns a name in `done/` or `refused/` that nothing bears yet.
    fn free(&self, below: &str, name: &str) -> io::Result<PathBuf> {
        let folder = self.folder.join(below);
        fs::create_dir_all(&folder)?;
        let numbered = (2..MOST_NAMESAKES).map(|number| folder.join(format!("{number}-{name}")));
        let mut free =
            [folder.join(name)].into_iter().chain(numbered).filter(|path| path.symlink_metadata().is_err());
        free.next().ok_or_else(|| io::Error::other("too many files of this name"))
    }
}

/// Lists the files of a folder that may be warnings, with the time at which each was written last.
fn files(folder: &Path) -> io::Result<Vec<(DateTime<Utc>, PathBuf)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let unfinished =
            name.starts_with('.') || [".part", ".tmp", "~"].iter().any(|end| name.ends_with(end));
        // Of the entry itself: a link leads out of the folder. What is gone by now is nobody's fault.
        if let Ok(data) = entry.metadata()
            && data.is_file()
            && !unfinished
        {
            all.push((data.modified()?.into(), entry.path()));
        }
    }
    Ok(all)
}

fn troubled(path: &Path, error: io::Error) -> Failure {
    let path = path.display();
    Failure::because(format!("处理不了 {path}"), format!("cannot handle {path}"), error)
}
