//! The one road of warnings that come in, from a file, a folder or a feed: bytes → alerts that may be signed, or why not.

use std::fmt::Write as _;

use clap::ArgMatches;

use crate::cap::{AlertMap, CapFile, Desk, Draft as Drafted, Fault, Link, Place, Taken, read_file};
use crate::cmd::out::{plain, print};
use crate::cmd::{Context, Failure};
use crate::config::{Parsed, Severity, Source, parse_alert_map, parse_areas, report};
use crate::model::{Alert, AlertName, Lang, Target, Words};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::{clock, sources};

/// What holds where an office has written no table of its own.
const SHIPPED: &str = include_str!("../../../config/alert-map.toml");

/// How this county judges warnings.
pub(super) struct Intake {
    lang: Lang,
    map: AlertMap,
    places: Vec<Place>,
    to: Vec<Target>,
    restricted: bool,
}

/// What was made of a file.
pub(super) struct Judged {
    /// What may be aired, and the warning that each was made of.
    pub(super) drafts: Vec<(AlertName, Drafted)>,
    /// The words for the clerk about what is good or odd.
    pub(super) told: String,
    /// Why a warning, or the whole file, was refused.
    pub(super) refused: Vec<Refused>,
    /// Where more is.
    pub(super) links: Vec<Link>,
}

/// Why something was refused.
pub(super) struct Refused {
    pub(super) kind: Kind,
    pub(super) words: Words,
}

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The file as a whole.
    File,
    /// A warning.
    Warning,
    /// A warning that came before.
    Again,
}

impl Intake {
    /// Reads the county's tables.
    pub(super) fn new(context: &Context, typed: &ArgMatches) -> Result<Self, Failure> {
        let targets = typed.get_many::<String>("to").into_iter().flatten();
        let to = targets.map(|target| target.parse()).collect::<Result<Vec<Target>, _>>();
        Ok(Self {
            lang: context.lang,
            map: alert_map(context)?,
            places: table(context, "areas.toml", "", parse_areas)?,
            to: to.map_err(|error| {
                Failure::new(format!("名称不行：{error}"), format!("not a name: {error}"))
            })?,
            restricted: typed.get_flag("restricted"),
        })
    }

    /// Judges the file `from`. `issued` is what was made of warnings before; `seen` knows those that are over and done with.
    pub(super) fn judge(
        &self,
        from: &str,
        bytes: &[u8],
        issued: &[Alert],
        seen: &dyn Fn(&AlertName) -> bool,
    ) -> Judged {
        let mut judged =
            Judged { drafts: Vec::new(), told: String::new(), refused: Vec::new(), links: Vec::new() };
        let file = match read_file(bytes) {
            Ok(file) => file,
            Err(fault) => {
                judged.refused.push(fault_of(Kind::File, from, &fault));
                return judged;
            }
        };
        judged.told = remarks(self.lang, from, &file);
        let mut issued = issued.to_vec();
        for warning in &file.alerts {
            let warning = match warning {
                Ok(warning) => warning,
                Err(fault) => {
                    judged.refused.push(fault_of(Kind::Warning, from, fault));
                    continue;
                }
            };
            let done = |name: &AlertName| seen(name).then(|| Taken { alerts: Vec::new() });
            let taken = |name: &AlertName| made_of(name, &issued).or_else(|| done(name));
            match self.desk(&taken).draft(warning).and_then(speakable) {
                Ok(good) => {
                    judged.told.extend(good.iter().map(|draft| described(self.lang, draft)));
                    issued.extend(good.iter().map(|draft| draft.alert.clone()));
                    judged.drafts.extend(good.into_iter().map(|draft| (warning.name.clone(), draft)));
                }
                Err(why) => {
                    let kind = if taken(&warning.name).is_some() { Kind::Again } else { Kind::Warning };
                    let words = about(&format!("{from}: {}", warning.name.identifier), &why);
                    judged.refused.push(Refused { kind, words });
                }
            }
        }
        judged.links = file.links;
        judged
    }

    fn desk<'a>(&'a self, taken: &'a dyn Fn(&AlertName) -> Option<Taken>) -> Desk<'a> {
        let Self { map, places, to, restricted, .. } = self;
        Desk { map, places, to, restricted: *restricted, now: clock::wall(), taken }
    }
}

fn fault_of(kind: Kind, from: &str, fault: &Fault) -> Refused {
    Refused { kind, words: about(&format!("{from}:{}:{}:", fault.line, fault.column), &fault.words) }
}

/// Lists what is only linked to.
pub(super) fn listed(lang: Lang, from: &str, links: &[Link]) -> String {
    let head = lang.pick("只有链接，请另取", "only a link, to be fetched");
    links.iter().fold(String::new(), |all, link| all + &format!("{from}: {head}: {}\n", plain(&link.href)))
}

fn about(what: &str, why: &Words) -> Words {
    Words::new(plain(&format!("{what} {}", why.zh)), plain(&format!("{what} {}", why.en)))
}

/// Finds what was made of a warning here; its parts bear its name with something behind it.
fn made_of(name: &AlertName, issued: &[Alert]) -> Option<Taken> {
    let is_part = |rest: &str| {
        rest.is_empty() || rest == ".end" || rest.strip_prefix('.').is_some_and(|n| n.parse::<u16>().is_ok())
    };
    let of = |alert: &&Alert| {
        alert.sender == name.sender
            && alert.sent == name.sent
            && alert.identifier.strip_prefix(&name.identifier).is_some_and(is_part)
    };
    let alerts: Vec<Alert> = issued.iter().filter(of).cloned().collect();
    (!alerts.is_empty()).then_some(Taken { alerts })
}

/// Refuses what no voice here can say, before it is signed.
fn speakable(drafts: Vec<Drafted>) -> Result<Vec<Drafted>, Words> {
    let reader = Reader::new(&[], Options::default());
    for Drafted { alert, .. } in &drafts {
        let findings = reader.review(&alert.text, &alert.language);
        if let Some(worst) = findings.into_iter().find(|finding| finding.severity == Severity::Error) {
            return Err(worst.what);
        }
    }
    Ok(drafts)
}

fn remarks(lang: Lang, from: &str, file: &CapFile) -> String {
    let all = file.remarks.iter().chain(file.alerts.iter().flatten().flat_map(|alert| &alert.remarks));
    let mut told = String::new();
    for remark in all {
        let words = plain(remark.words.in_lang(lang));
        // Writing to a String cannot fail.
        let _ = writeln!(told, "{from}:{}:{}: ({words})", remark.line, remark.column);
    }
    told
}

fn described(lang: Lang, draft: &Drafted) -> String {
    let alert = &draft.alert;
    let target: Vec<String> = alert.target.iter().map(ToString::to_string).collect();
    let until = alert.expires.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M");
    let (priority, target) = (alert.priority.words(), target.join(" "));
    let (priority, status) = (priority.in_lang(lang), alert.status.as_str());
    let head = format!("{} {} {:?} [{priority}] {status}", alert.sender, alert.identifier, alert.msg_type);
    let mut told = plain(&head) + "\n";
    let line = |zh, en, text: &str| format!("  {}: {}\n", lang.pick(zh, en), plain(text));
    told += &line("播给", "for", &target);
    told += &line("到", "until", &until.to_string());
    told += &line("播", "said", &alert.text);
    for note in &draft.notes {
        told += &line("说明", "why", note.in_lang(lang));
    }
    told
}

/// Reads the one table that says how strong a warning is, whoever sent it.
pub(super) fn alert_map(context: &Context) -> Result<AlertMap, Failure> {
    table(context, "alert-map.toml", SHIPPED, parse_alert_map)
}

/// Reads a file beside the station file; one with mistakes stops everything.
fn table<T>(
    context: &Context,
    name: &str,
    shipped: &str,
    parse: fn(&Source) -> Parsed<T>,
) -> Result<T, Failure> {
    let path = context.config.with_file_name(name);
    let source = if path.exists() {
        sources::read(&path)
            .map_err(|complaint| Failure::new(complaint.what.zh.clone(), complaint.what.en.clone()))?
    } else {
        Source { path: name.into(), text: shipped.to_owned() }
    };
    let Parsed { value, complaints, .. } = parse(&source);
    if let Some(value) = value {
        return Ok(value);
    }
    print(&report(&complaints, &[source], context.lang, false))?;
    Err(Failure::new(format!("{name} 有错误"), format!("{name} has mistakes")))
}
