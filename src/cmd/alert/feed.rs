//! `dalaba county alert feed`: the Atom feed of another office.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Office;
use super::arguments::unattended;
use super::intake::{Intake, Judged, Kind};
use super::queue::Queue;
use crate::cap::Link;
use crate::cmd::out::print;
use crate::cmd::{Context, Failure};
use crate::config::length;
use crate::county::alarms::Alarms;
use crate::county::feed::{Feed, FeedFault, Fetched, Marks};
use crate::county::remembered::{MOST_REMEMBERED, Remembered};
use crate::model::{Lang, Words};

/// Nobody's server is asked more often than this.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_hours(24);

/// An answer has at least, and at most, this long.
const QUICKEST: Duration = Duration::from_secs(1);
const SLOWEST: Duration = Duration::from_mins(2);

/// Most links that are fetched in one round: a feed cannot make us storm a server.
const MOST_LINKS: usize = 50;

/// The command.
pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("feed")
        .about(lang.pick("定时看上级的 Atom，收下新的预警", "Takes in new warnings of an Atom feed"))
        .after_help(lang.pick(
            "收下的等人签名（alerts/waiting/，list 看得到）；写了 --by 和 --passphrase-file，应急以外的由程序签发。应急总是等人。\
             只取 https（本机可以 http），只跟同一主机和 --allow 的链接，不跟转址。",
            "What was taken waits for a person (alerts/waiting/, shown by list); with --by and --passphrase-file the program signs what is \
             less than an emergency. Emergencies always wait for a person. Only https (http on this machine), links only on the same host \
             and those of --allow, no redirects.",
        ))
        .arg(Arg::new("url").required(true).value_name("URL").help(lang.pick("Atom 的地址", "The address of the feed")))
        .arg(
            Arg::new("allow")
                .long("allow")
                .action(ArgAction::Append)
                .value_name(lang.pick("主机", "HOST"))
                .help(lang.pick("预警文件在这个主机上，也可以取", "Links to this host may be fetched, too")),
        )
        .arg(
            Arg::new("every")
                .long("every")
                .default_value("60s")
                .value_name(lang.pick("间隔", "INTERVAL"))
                .help(lang.pick("隔多久看一次，最短 30s", "How often it is asked, 30s at the least")),
        )
        .arg(
            Arg::new("within")
                .long("within")
                .default_value("30s")
                .value_name(lang.pick("时长", "TIME"))
                .help(lang.pick("多久没有答完就算取不到", "How long an answer may take")),
        )
        .args(unattended(lang))
}

/// Asks, again and again.
pub(super) fn run(
    context: &Context,
    alarms: &Alarms,
    office: Option<&Office<'_>>,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let text = |id| typed.get_one::<String>(id).map(String::as_str).unwrap_or_default();
    let time =
        |id, least, most| length(text(id), least, most).map_err(|words| Failure::new(words.zh, words.en));
    let (every, within) = (time("every", SHORTEST, LONGEST)?, time("within", QUICKEST, SLOWEST)?);
    let allowed = typed.get_many::<String>("allow").into_iter().flatten().cloned().collect();
    let mut reader = Reader {
        lang: context.lang,
        intake: Intake::new(context, typed)?,
        queue: Queue::open(context, alarms, office, typed)?,
        feed: Feed::new(text("url"), allowed, within).map_err(|fault| unfetched(&fault))?,
        memory: Remembered::open(&alarms.folder().join("feeds"), text("url")),
        url: text("url").to_owned(),
        told: HashSet::new(),
    };
    if typed.get_flag("once") {
        return reader.round();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|error| Failure::because("起不来", "cannot start", error))?;
    loop {
        // A feed that cannot be had now may be had later.
        if let Err(why) = reader.round() {
            print(&format!("{}\n", why.report(context.lang)))?;
        }
        runtime.block_on(tokio::time::sleep(every));
    }
}

struct Reader<'a> {
    lang: Lang,
    intake: Intake,
    queue: Queue<'a>,
    feed: Feed,
    memory: Remembered,
    url: String,
    /// What was said already: a feed shows the same for days.
    told: HashSet<String>,
}

impl Reader<'_> {
    /// Asks once. What has not changed is judged again nevertheless: a warning that was not yet in force may be now.
    fn round(&mut self) -> Result<(), Failure> {
        let last = self.memory.last();
        let marks = last.as_ref().map_or_else(Marks::default, |(_, marks)| marks.clone());
        let bytes = match (self.feed.fetch(&marks), last) {
            (Ok(Fetched::New(bytes, marks)), _) => {
                self.memory.keep(&bytes, marks).map_err(forgetful)?;
                bytes
            }
            (Ok(Fetched::Same), Some((bytes, _))) => bytes,
            (Ok(Fetched::Same), None) => return Err(unfetched(&FeedFault::Status(304))),
            (Err(fault), _) => return Err(unfetched(&fault)),
        };
        let url = self.url.clone();
        let judged = self.judge(&url, &bytes)?;
        let readable = judged.refused.iter().all(|refused| refused.kind != Kind::File);
        for link in self.open(judged.links) {
            self.follow(&link)?;
        }
        // What can no longer be there is no longer remembered.
        if self.told.len() > MOST_REMEMBERED {
            self.told.clear();
        }
        if readable {
            return Ok(());
        }
        Err(Failure::new("这不是能收的 Atom", "this is no feed that can be taken"))
    }

    /// Links that were not yet fetched, those that were refused before last.
    fn open(&self, links: Vec<Link>) -> Vec<Link> {
        let mut open: Vec<Link> = links.into_iter().filter(|link| !self.memory.holds(&key(link))).collect();
        open.sort_by_key(|link| self.told.contains(&key(link)));
        open.truncate(MOST_LINKS);
        open
    }

    fn follow(&mut self, link: &Link) -> Result<(), Failure> {
        self.told.insert(key(link));
        match self.feed.follow(&link.href) {
            Ok(bytes) => {
                if self.judge(&link.href, &bytes)?.refused.iter().all(|refused| refused.kind == Kind::Again) {
                    self.memory.insert(key(link)).map_err(forgetful)?;
                }
                Ok(())
            }
            Err(fault) => {
                let words = fault.words();
                self.refuse(&Words::new(
                    format!("{}: {}", link.href, words.zh),
                    format!("{}: {}", link.href, words.en),
                ))
            }
        }
    }

    /// Judges a file, keeps what is good for a person, and then remembers that: after a power cut in between it still waits, and is known
    /// by that.
    fn judge(&mut self, from: &str, bytes: &[u8]) -> Result<Judged, Failure> {
        let memory = &self.memory;
        let judged = self.intake.judge(from, bytes, &self.queue.known()?, &|name| memory.has(name));
        if self.told.insert(judged.told.clone()) {
            print(&judged.told)?;
        }
        for (_, draft) in &judged.drafts {
            self.queue.put(&draft.alert)?;
        }
        for (name, _) in &judged.drafts {
            self.memory.add(name).map_err(forgetful)?;
        }
        for refused in judged.refused.iter().filter(|refused| refused.kind != Kind::Again) {
            self.refuse(&refused.words)?;
        }
        Ok(judged)
    }

    fn refuse(&mut self, why: &Words) -> Result<(), Failure> {
        if self.told.insert(why.en.clone()) {
            print(&format!("{}\n", why.in_lang(self.lang)))?;
        }
        Ok(())
    }
}

/// An entry that changed is another one.
fn key(link: &Link) -> String {
    format!("{} {}", link.entry, link.href)
}

fn unfetched(fault: &FeedFault) -> Failure {
    let words = fault.words();
    Failure::new(words.zh, words.en)
}

fn forgetful(error: io::Error) -> Failure {
    Failure::because("记不下收过什么", "cannot remember what came", error)
}
