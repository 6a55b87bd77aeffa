//! Publishing: a folder is checked, spoken if that is asked for, signed and written; or only looked at.

pub(super) mod arguments;
mod preview;
pub(super) mod send;
mod spoken;
mod told;

use std::env;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Asia;
use clap::ArgMatches;

use self::told::{described, unfit, unpublished};
use super::bar::Bar;
use super::county::{Office, secrets};
use super::keys::told;
use super::moment::start;
use super::out::print;
use super::{Context, Failure};
use crate::config::{Severity, parse_playlist, report, review_texts};
use crate::county::press::{ENDING, Order};
use crate::model::{Bundle, BundlePart, BundlePath, CampaignId, IdError, Lang, Target};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::bundles::is_fit;
use crate::station::kinds::kinds;
use crate::station::{clock, sources};

/// Publishes a folder, or shows what would be published.
pub(super) fn publish(context: &Context, office: &Office, typed: &ArgMatches) -> Result<(), Failure> {
    let lang = context.lang;
    let folder = typed.get_one::<PathBuf>("folder").cloned().unwrap_or_default();
    let named = typed.get_one::<String>("campaign").map(String::as_str);
    let own = || folder.canonicalize().ok()?.file_name()?.to_str().map(str::to_owned);
    let name = named.map(str::to_owned).or_else(own).unwrap_or_default();
    let targets = typed.get_many::<String>("to").into_iter().flatten();
    let target = targets.map(|target| target.parse::<Target>()).collect::<Result<_, _>>();
    let order = order(campaign(&name)?, target.map_err(|error| bad_name(&error))?, typed)?;
    let client = send::client(typed)?;
    let bundle = office.press.draft(&folder, order.clone()).map_err(|fault| unpublished(&fault))?;
    let program = program()?;
    check_texts(lang, &folder, &bundle)?;
    let dry = typed.get_flag("dry-run");
    let stage = if typed.get_flag("render") && !dry {
        Some(spoken::stage(context, office, &folder, &bundle, typed)?)
    } else {
        None
    };
    let (folder, bundle) = match &stage {
        Some(stage) => {
            let bundle = office.press.draft(stage.path(), order).map_err(|fault| unpublished(&fault))?;
            (stage.path(), bundle)
        }
        None => (folder.as_path(), bundle),
    };
    let mut bar = Bar::new(bundle.files.len(), lang.pick("检查", "checking"));
    is_fit(&program, folder, &bundle, &mut |path| bar.next(path.as_str())).map_err(|fault| unfit(&fault))?;
    bar.end();
    if dry {
        print(&described(lang, &bundle, None))?;
        return preview::show(context, office, folder, &bundle, typed);
    }
    issue(lang, office, &bundle, folder, typed)?;
    client.map_or(Ok(()), |client| send::send(lang, &client, &output(&bundle, typed)))
}

/// Our own executable, which decodes recordings in a child.
fn program() -> Result<PathBuf, Failure> {
    env::current_exe().map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))
}

/// Ends a campaign.
pub(super) fn withdraw(lang: Lang, office: &Office, typed: &ArgMatches) -> Result<(), Failure> {
    let name = typed.get_one::<String>("campaign").map(String::as_str).unwrap_or_default();
    let order = order(campaign(name)?, Vec::new(), typed)?;
    let bundle = office.press.withdrawal(order).map_err(|fault| unpublished(&fault))?;
    let client = send::client(typed)?;
    issue(lang, office, &bundle, Path::new(""), typed)?;
    client.map_or(Ok(()), |client| send::send(lang, &client, &output(&bundle, typed)))
}

fn campaign(name: &str) -> Result<CampaignId, Failure> {
    let hidden = name.starts_with('.').then_some(IdError::Forbidden('.'));
    CampaignId::new(name).and_then(|id| hidden.map_or(Ok(id), Err)).map_err(|error| bad_name(&error))
}

fn bad_name(error: &IdError) -> Failure {
    Failure::new(format!("名称不行：{error}"), format!("not a name: {error}"))
}

/// Says when it counts. The days in which it must arrive begin when it may be in force.
fn order(campaign: CampaignId, target: Vec<Target>, typed: &ArgMatches) -> Result<Order, Failure> {
    let now = clock::wall();
    let days = typed.get_one::<u16>("days").copied().unwrap_or_default();
    let from = typed.get_one::<String>("from").map(|text| start(text, now, Asia::Shanghai)).transpose()?;
    let not_before = from.unwrap_or(now);
    Ok(Order { campaign, target, issued: now, not_before, expires: after(not_before.max(now), days) })
}

fn after(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now.checked_add_signed(Duration::days(i64::from(days))).unwrap_or(now)
}

/// Refuses what `check` refuses, in the same words.
fn check_texts(lang: Lang, folder: &Path, bundle: &Bundle) -> Result<(), Failure> {
    let reader = Reader::new(&[], Options::default());
    let (mut complaints, mut texts) = (Vec::new(), Vec::new());
    let playlists = bundle.files.iter().filter(|file| file.path.part() == BundlePart::Playlist);
    for file in playlists {
        match sources::read(&folder.join(file.path.as_str())) {
            Ok(source) => {
                let parsed = parse_playlist(&source, &kinds());
                complaints
                    .extend(review_texts(&parsed, &source, &|text, language| reader.review(text, language)));
                complaints.extend(parsed.complaints);
                texts.push(source);
            }
            Err(complaint) => complaints.push(*complaint),
        }
    }
    if !complaints.is_empty() {
        print(&report(&complaints, &texts, lang, false))?;
    }
    if complaints.iter().any(|complaint| complaint.severity == Severity::Error) {
        return Err(Failure::new("有错误，没有签发", "there are mistakes: not published"));
    }
    Ok(())
}

fn issue(
    lang: Lang,
    office: &Office,
    bundle: &Bundle,
    folder: &Path,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let root = office.ring.root().map_err(|fault| told(&fault))?.ok_or_else(|| {
        Failure::new(
            "还没有根文件：先 dalaba keys rotate",
            "there is no root yet: dalaba keys rotate comes first",
        )
    })?;
    let secrets = secrets(lang, office, &root, typed)?;
    let envelope = office.press.sign(bundle, &root, &secrets).map_err(|fault| unpublished(&fault))?;
    let to = output(bundle, typed);
    let mut bar = Bar::new(bundle.files.len(), lang.pick("写入", "writing"));
    let mut begun = |path: &BundlePath| bar.next(path.as_str());
    office.press.publish(bundle, &envelope, folder, &to, &mut begun).map_err(|fault| unpublished(&fault))?;
    bar.end();
    print(&described(lang, bundle, Some(&to)))
}

/// Returns where the bundle is to be written.
fn output(bundle: &Bundle, typed: &ArgMatches) -> PathBuf {
    let default = || PathBuf::from(format!("{}-{}.{ENDING}", bundle.campaign, bundle.serial));
    typed.get_one::<PathBuf>("output").cloned().unwrap_or_else(default)
}
