//! A warning as it was sent → alerts as this county would sign them, or why none.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Alert, AlertKind, AlertName, Priority, Status, Target, Words};
use crate::trust::alert::{LONGEST_ALERT, LONGEST_EMERGENCY, is_sound};

use super::alert::{CapAlert, CapStatus, Info, MsgType, Scope};
use super::place::stations;
use super::rules::{AlertMap, Place, Verdict};
use super::spoken::spoken;

/// Two clocks that are both right may differ by this much.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// Most references that an alert holds.
const MOST_REFERENCES: usize = 32;

/// Judges warnings for one county.
pub struct Desk<'a> {
    /// How strong a warning is.
    pub map: &'a AlertMap,
    /// Where the stations are.
    pub places: &'a [Place],
    /// The stations that somebody named, in place of the warning's areas.
    pub to: &'a [Target],
    /// Whether somebody said that warnings which are not for everybody are aired, too.
    pub restricted: bool,
    /// The present.
    pub now: DateTime<Utc>,
    /// What was made of an earlier warning; none if it never came in here.
    pub taken: &'a dyn Fn(&AlertName) -> Option<Taken>,
}

/// What was made of an earlier warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The alerts that were made of it; empty if it was refused.
    pub alerts: Vec<Alert>,
}

/// An alert that waits for a person, or for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What would be signed.
    pub alert: Alert,
    /// Why it is as it is: how its priority was found, what was cut, what reaches nobody.
    pub notes: Vec<Words>,
}

impl Desk<'_> {
    /// Says what would be aired of a warning, or why nothing.
    pub fn draft(&self, warning: &CapAlert) -> Result<Vec<Draft>, Words> {
        let status = self.admitted(warning)?;
        let drafts = match warning.msg_type {
            MsgType::Cancel => vec![self.cancel(warning, status)?],
            _ => self.infos(warning, status)?,
        };
        match drafts.iter().find(|draft| !is_sound(&draft.alert)) {
            None => Ok(drafts),
            Some(_) => Err(Words::new(
                "名称太长、引用了自己，或者站点太多，站点不会收",
                "its names are too long, it refers to itself or is for too many: no station would take it",
            )),
        }
    }

    /// Asks everything that has nothing to do with what it says.
    fn admitted(&self, warning: &CapAlert) -> Result<Status, Words> {
        let status = match warning.status {
            CapStatus::Actual => Ok(Status::Actual),
            CapStatus::Exercise => Ok(Status::Drill),
            CapStatus::Test => Ok(Status::Test),
            CapStatus::System => {
                Err(("status 是 System：机器之间的消息，不播", "status System: between machines, not aired"))
            }
            CapStatus::Draft => Err(("status 是 Draft：草稿，不播", "status Draft: not finished, not aired")),
        };
        let kind = match warning.msg_type {
            MsgType::Ack => Err(("msgType 是 Ack：只是回执，不播", "msgType Ack: a receipt, not aired")),
            MsgType::Error => {
                Err(("msgType 是 Error：只是退回，不播", "msgType Error: a refusal, not aired"))
            }
            _ => Ok(()),
        };
        let scope = match warning.scope {
            Scope::Public => Ok(()),
            _ if self.restricted => Ok(()),
            _ => Err((
                "scope 不是 Public：不是给大家听的；确实要播，写 --restricted",
                "its scope is not Public: not for everybody; --restricted airs it nevertheless",
            )),
        };
        let status = kind.and(scope).and(status).map_err(|(zh, en)| Words::new(zh, en))?;
        if (self.taken)(&warning.name).is_some() {
            return Err(Words::new("这条预警已经处理过了", "this warning came in before"));
        }
        if warning.name.sent.to_utc() > self.now + TOLERANCE {
            let zh = format!("发出时间 {} 还没到", warning.name.sent);
            return Err(Words::new(zh, format!("sent in the future, at {}", warning.name.sent)));
        }
        Ok(status)
    }

    /// Makes one alert of each `<info>` in the language that is spoken.
    fn infos(&self, warning: &CapAlert, status: Status) -> Result<Vec<Draft>, Words> {
        let (language, infos) = self.chosen(&warning.infos)?;
        let (mut drafts, mut silent) = (Vec::<Draft>::new(), Vec::new());
        for info in infos {
            match self.info(warning, info, status, &language) {
                Ok(draft) => match drafts.iter_mut().find(|other| other.alert.text == draft.alert.text) {
                    // The same words for another area.
                    Some(same) => merge(same, draft),
                    None => drafts.push(draft),
                },
                Err(why) => silent.push(why),
            }
        }
        for (number, draft) in drafts.iter_mut().enumerate().skip(1) {
            draft.alert.identifier = format!("{}.{}", warning.name.identifier, number + 1);
        }
        match drafts.first_mut() {
            None => Err(silent.into_iter().next().unwrap_or_else(nothing)),
            Some(first) => {
                first.notes.extend(silent);
                drafts.extend(self.left_out(warning, status, &drafts));
                Ok(drafts)
            }
        }
    }

    /// Chooses the language by the county's order, and the parts that are in it.
    fn chosen<'a>(&self, infos: &'a [Info]) -> Result<(String, Vec<&'a Info>), Words> {
        for language in &self.map.languages {
            let spoken: Vec<&Info> =
                infos.iter().filter(|info| primary(&info.language) == *language).collect();
            if !spoken.is_empty() {
                return Ok((language.clone(), spoken));
            }
        }
        let Some(first) = infos.first() else { return Err(nothing()) };
        let written = &first.language;
        Err(Words::new(
            format!("语言是 {written:?}，这里不播；要播就写进对照表的 languages"),
            format!("its language {written:?} is not spoken here; `languages` of the table says which are"),
        ))
    }

    fn info(&self, warning: &CapAlert, info: &Info, status: Status, language: &str) -> Result<Draft, Words> {
        let earlier = self.earlier(warning);
        let (verdict, rule) = self.map.judge(info);
        let mut notes = vec![ruled(info, verdict, rule)];
        // What was said aloud must be corrected aloud.
        let corrects = !earlier.is_empty();
        let Some(priority) = verdict.priority.or(corrects.then_some(Priority::Important)) else {
            return Err(notes.remove(0));
        };
        if info.effective.is_some_and(|effective| effective.to_utc() > self.now + TOLERANCE) {
            return Err(Words::new("还没到生效时间（effective）", "its `effective` is in the future"));
        }
        let expires = self.expires(warning, info, priority, &mut notes)?;
        let target = self.target(info, &mut notes)?;
        let text = spoken(info, self.map.longest);
        if text.is_empty() {
            return Err(nothing());
        }
        let alert = Alert {
            msg_type: if warning.msg_type == MsgType::Update { AlertKind::Update } else { AlertKind::Alert },
            references: references(warning, &earlier),
            urgency: info.urgency.to_owned(),
            severity: info.severity.to_owned(),
            certainty: info.certainty.to_owned(),
            repeat_every: verdict.repeat_every.and_then(|every| u32::try_from(every.as_secs()).ok()),
            ..plain(warning, status, priority, language, (info.event.clone(), text), expires, target)
        };
        Ok(Draft { alert, notes })
    }

    /// A warning that does not say when it is over is given an end, and one that is in force for too long a nearer one.
    fn expires(
        &self,
        warning: &CapAlert,
        info: &Info,
        priority: Priority,
        notes: &mut Vec<Words>,
    ) -> Result<DateTime<Utc>, Words> {
        let sent = warning.name.sent.to_utc();
        let lasts = TimeDelta::from_std(self.map.lasts).unwrap_or(LONGEST_EMERGENCY);
        let written = info.expires.map(|expires| expires.to_utc());
        let latest = sent + if priority == Priority::Emergency { LONGEST_EMERGENCY } else { LONGEST_ALERT };
        let expires = written.unwrap_or(sent + lasts).min(latest);
        if written != Some(expires) {
            notes.push(Words::new(
                format!("到 {} UTC 为止（原文没写或太长）", expires.format("%Y-%m-%d %H:%M")),
                format!("until {} UTC: it says no end, or too late a one", expires.format("%Y-%m-%d %H:%M")),
            ));
        }
        if expires > self.now && expires > sent { Ok(expires) } else { Err(over(expires)) }
    }

    fn target(&self, info: &Info, notes: &mut Vec<Words>) -> Result<Vec<Target>, Words> {
        if !self.to.is_empty() {
            return Ok(self.to.to_vec());
        }
        let (found, unknown) = stations(&info.areas, self.places);
        match (found.is_empty(), unknown.first()) {
            (false, _) => {
                notes.extend(unknown);
                Ok(found)
            }
            (true, Some(first)) => Err(first.clone()),
            (true, None) => Err(Words::new(
                "没有写区域；要播就用 --to 说明播给谁",
                "it names no area; --to says whom it is for",
            )),
        }
    }

    /// Finds the alerts that were made of what a warning refers to.
    fn earlier(&self, warning: &CapAlert) -> Vec<Alert> {
        warning
            .references
            .iter()
            .filter_map(|name| (self.taken)(name))
            .flat_map(|taken| taken.alerts)
            .collect()
    }

    /// Ends what was aired here: at the same stations, as strong as it was, until the last of it would have been over.
    fn cancel(&self, warning: &CapAlert, status: Status) -> Result<Draft, Words> {
        let earlier = self.earlier(warning);
        let Some(first) = earlier.first() else {
            return Err(Words::new(
                "它取消的预警这里没有播过，不用取消",
                "what it cancels was never aired from here: nothing to cancel",
            ));
        };
        let said = self.chosen(&warning.infos).ok().and_then(|(language, infos)| {
            let text = spoken(infos.first()?, self.map.longest);
            (!text.is_empty()).then_some((language, text))
        });
        let (language, text) =
            said.unwrap_or_else(|| (first.language.clone(), taken_back(&first.event, &first.language)));
        let priority =
            earlier.iter().map(|alert| alert.priority).max().unwrap_or_default().max(Priority::Important);
        let last = earlier.iter().map(|alert| alert.expires).max().unwrap_or(self.now);
        let expires = last.min(warning.name.sent.to_utc() + LONGEST_EMERGENCY);
        if expires <= self.now {
            return Err(over(expires));
        }
        let mut target: Vec<Target> = earlier.iter().flat_map(|alert| alert.target.clone()).collect();
        dedupe(&mut target);
        let said = (first.event.clone(), text);
        let alert = Alert {
            references: references(warning, &earlier),
            ..plain(warning, status, priority, &language, said, expires, target)
        };
        let note = Words::new("取消：播给原来播过的站点", "a cancellation: for the stations that had it");
        Ok(Draft { alert: Alert { msg_type: AlertKind::Cancel, ..alert }, notes: vec![note] })
    }

    /// An update may be for fewer places: where the old one was aired and the new one is not, the old one is taken back.
    fn left_out(&self, warning: &CapAlert, status: Status, drafts: &[Draft]) -> Option<Draft> {
        let earlier = self.earlier(warning);
        let first = earlier.first()?;
        let still = |target: &Target| {
            drafts
                .iter()
                .any(|draft| draft.alert.target.contains(target) || draft.alert.target.contains(&Target::All))
        };
        let mut target: Vec<Target> = earlier.iter().flat_map(|alert| alert.target.clone()).collect();
        dedupe(&mut target);
        target.retain(|target| !still(target));
        let expires = earlier
            .iter()
            .map(|alert| alert.expires)
            .max()?
            .min(warning.name.sent.to_utc() + LONGEST_EMERGENCY);
        if target.is_empty() || expires <= self.now {
            return None;
        }
        let priority = earlier.iter().map(|alert| alert.priority).max()?.max(Priority::Important);
        let said = (first.event.clone(), taken_back(&first.event, &first.language));
        let alert = Alert {
            identifier: format!("{}.end", warning.name.identifier),
            msg_type: AlertKind::Cancel,
            references: references(warning, &earlier),
            ..plain(warning, status, priority, &first.language, said, expires, target)
        };
        let note = Words::new(
            "这些站点播过原来的，新的不再包括它们：在那里解除",
            "these stations had the old one and are not in the new one: ended there",
        );
        Some(Draft { alert, notes: vec![note] })
    }
}

fn plain(
    warning: &CapAlert,
    status: Status,
    priority: Priority,
    language: &str,
    (event, text): (String, String),
    expires: DateTime<Utc>,
    target: Vec<Target>,
) -> Alert {
    Alert {
        identifier: warning.name.identifier.clone(),
        sender: warning.name.sender.clone(),
        sent: warning.name.sent,
        status,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event,
        urgency: String::new(),
        severity: String::new(),
        certainty: String::new(),
        priority,
        language: language.to_owned(),
        text,
        expires,
        repeat_every: None,
        target,
    }
}

/// Names what is meant as it was signed here: one warning may have become several alerts. The newest stay if there are too many.
fn references(warning: &CapAlert, earlier: &[Alert]) -> Vec<AlertName> {
    let mut names: Vec<AlertName> =
        earlier.iter().map(Alert::name).chain(warning.references.iter().cloned()).collect();
    dedupe(&mut names);
    names.truncate(MOST_REFERENCES);
    names
}

fn dedupe<T: PartialEq>(list: &mut Vec<T>) {
    let mut kept = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    *list = kept;
}

fn merge(into: &mut Draft, other: Draft) {
    into.alert.target.extend(other.alert.target);
    dedupe(&mut into.alert.target);
    into.alert.priority = into.alert.priority.max(other.alert.priority);
    into.alert.expires = into.alert.expires.min(other.alert.expires);
    into.notes.extend(other.notes);
    dedupe(&mut into.notes);
}

/// `zh-CN` → `zh`; Mandarin by its own name is Chinese as it is written.
fn primary(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    if primary == "cmn" { "zh".to_owned() } else { primary }
}

fn ruled(info: &Info, verdict: Verdict, rule: usize) -> Words {
    let Info { severity, urgency, certainty, .. } = info;
    let (zh, en) = match verdict.priority {
        Some(priority) => (priority.words().zh, priority.as_str()),
        None => ("不播".to_owned(), "not aired"),
    };
    let (by_zh, by_en) = match rule {
        0 => ("没有合适的规则".to_owned(), "no rule fits".to_owned()),
        rule => (format!("第 {rule} 条规则"), format!("rule {rule}")),
    };
    Words::new(
        format!("{severity} / {urgency} / {certainty}：{by_zh}，{zh}"),
        format!("{severity} / {urgency} / {certainty}: {by_en}, {en}"),
    )
}

fn taken_back(event: &str, language: &str) -> String {
    if language == "zh" {
        format!("此前发布的{event}预警现已解除。").replace("预警预警", "预警")
    } else {
        format!("The earlier warning ({event}) is no longer in force.")
    }
}

fn nothing() -> Words {
    Words::new("没有可以播的内容（没有 <info>，或者是空的）", "it says nothing: no <info>, or an empty one")
}

fn over(expires: DateTime<Utc>) -> Words {
    let at = expires.format("%Y-%m-%d %H:%M");
    Words::new(format!("已经过期（{at} UTC）"), format!("over since {at} UTC"))
}
