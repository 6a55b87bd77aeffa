//! What the office is told of its alerts.

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Asia;

use super::super::Failure;
use super::super::out::plain;
use super::super::table::columns;
use crate::county::alarms::{AlarmFault, Issued, Standing};
use crate::model::{Alert, Lang, Priority, Target, Words};
use crate::trust::{Role, Root, alert::reach};

/// Says what was signed, and what is next.
pub(super) fn described(
    lang: Lang,
    alert: &Alert,
    file: &Path,
    standing: Standing,
    posted: Option<&str>,
) -> String {
    let head = format!(
        "{}  {}  {}  {}\n  {}\n",
        alert.identifier,
        alert.status.words().in_lang(lang),
        plain(&alert.event),
        target(&alert.target),
        plain(&alert.text)
    );
    let file = file.display();
    let next = match (standing, posted) {
        (Standing::WaitsForAnother, _) => either(
            lang,
            format!("还差一个人签名，没有发出：dalaba county alert sign {file} --by 姓名\n"),
            format!("One more person must sign; not sent: dalaba county alert sign {file} --by NAME\n"),
        ),
        (Standing::Complete, Some(server)) => {
            either(lang, format!("已经发到 {server}\n"), format!("Sent to {server}\n"))
        }
        (Standing::Complete, None) => either(
            lang,
            format!("签好了：{file}\n在站点上：dalaba import 这个文件\n"),
            format!("Signed: {file}\nAt a station: dalaba import FILE\n"),
        ),
    };
    head + &next
}

fn either(lang: Lang, zh: String, en: String) -> String {
    Words::new(zh, en).in_lang(lang).to_owned()
}

/// Lists what was issued.
pub(super) fn listed(lang: Lang, all: &[Issued], root: &Root, now: DateTime<Utc>) -> String {
    let head = match lang {
        Lang::Zh => ["编号", "性质", "优先级", "什么事", "发给", "到", "签名"],
        Lang::En => ["name", "status", "priority", "event", "to", "until", "signed by"],
    };
    let row = |issued: &Issued| {
        let alert = &issued.alert;
        let until = alert.expires.with_timezone(&Asia::Shanghai).format("%m-%d %H:%M").to_string();
        let over = if alert.expires <= now { lang.pick("（已过期）", " (over)") } else { "" };
        let people = root.people(Role::Publisher, &issued.envelope);
        vec![
            alert.identifier.clone(),
            alert.status.words().in_lang(lang).to_owned(),
            alert.priority.words().in_lang(lang).to_owned(),
            plain(&alert.event),
            target(&alert.target),
            format!("{until}{over}"),
            people.into_iter().map(plain).collect::<Vec<_>>().join(lang.pick("、", ", "))
                + waits(lang, issued, root),
        ]
    };
    columns([head.map(str::to_owned).to_vec()].into_iter().chain(all.iter().map(row)))
}

/// Tells what waits for a second person.
fn waits(lang: Lang, issued: &Issued, root: &Root) -> &'static str {
    let many = reach(&issued.alert.target).is_none_or(|count| count > root.emergency_alone() as usize);
    let two = issued.alert.priority == Priority::Emergency && many;
    let enough = root.accepts(Role::Publisher, &issued.envelope)
        && (!two || root.people(Role::Publisher, &issued.envelope).len() >= 2);
    if enough { "" } else { lang.pick("（还差人）", " (waits)") }
}

fn target(targets: &[Target]) -> String {
    let (shown, more) = targets.split_at(targets.len().min(4));
    let names: Vec<String> = shown.iter().map(ToString::to_string).collect();
    let more = if more.is_empty() { String::new() } else { format!(" +{}", more.len()) };
    names.join(" ") + &more
}

/// Says why nothing was issued.
pub(super) fn fault(fault: &AlarmFault) -> Failure {
    let zh = match fault {
        AlarmFault::Refused(refusal) => format!("没有发布，因为没有站点会收：{}", refusal.words().zh),
        AlarmFault::Unknown(name) => format!("没有发过编号是 {} 的警报，或者有几条都这样开头", plain(name)),
        AlarmFault::NoAlert(path) => format!("{} 里没有警报", path.display()),
        AlarmFault::Disk(path, error) => format!("{}：{error}", path.display()),
    };
    Failure::new(zh, fault.to_string())
}
