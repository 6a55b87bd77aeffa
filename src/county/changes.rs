//! What a campaign's next bundle changes against the last one, in words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{Bundle, Days, Message, Playlist, Schedule, When, Words};
use crate::station::bundles::Campaign;

/// Lists what is new, gone or other in `new`: playlists, their messages and schedules, then files.
pub fn changes(old: &Campaign, new: &Campaign) -> Vec<Words> {
    let mut found = Vec::new();
    let by_name = |campaign: &'_ Campaign| -> BTreeMap<String, Playlist> {
        campaign.playlists.iter().map(|playlist| (playlist.id.to_string(), playlist.clone())).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    for (name, playlist) in &after {
        match before.get(name) {
            None => found.push(added(&Words::new(format!("节目单“{name}”"), format!("playlist {name}")))),
            Some(former) => inside(name, former, playlist, &mut found),
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        found.push(removed(&Words::new(format!("节目单“{name}”"), format!("playlist {name}"))));
    }
    targets(&old.bundle, &new.bundle, &mut found);
    files(&old.bundle, &new.bundle, &mut found);
    found
}

fn inside(name: &str, old: &Playlist, new: &Playlist, found: &mut Vec<Words>) {
    let what = |id: &str| Words::new(format!("“{name}”的播报条“{id}”"), format!("message {id} of {name}"));
    for message in &new.messages {
        match old.message(message.id.as_str()) {
            None => found.push(added(&what(message.id.as_str()))),
            Some(former) if plain(former) != plain(message) => {
                found.push(changed(&what(message.id.as_str())));
            }
            Some(_) => {}
        }
    }
    for message in old.messages.iter().filter(|message| new.message(message.id.as_str()).is_none()) {
        found.push(removed(&what(message.id.as_str())));
    }
    let when = |schedule: &Schedule| {
        let when = described(schedule);
        Words::new(format!("“{name}”的时间 {when}"), format!("schedule {when} of {name}"))
    };
    let missing = |list: &[Schedule], one: &Schedule| !list.contains(one);
    found
        .extend(new.schedules.iter().filter(|one| missing(&old.schedules, one)).map(|one| added(&when(one))));
    found.extend(
        old.schedules.iter().filter(|one| missing(&new.schedules, one)).map(|one| removed(&when(one))),
    );
    let head = |playlist: &Playlist| {
        let Playlist { title, stations, valid_from, valid_until, priority, status, .. } = playlist.clone();
        (title, stations, valid_from, valid_until, priority, status)
    };
    if head(old) != head(new) {
        found.push(changed(&Words::new(
            format!("“{name}”的标题、站点、有效期或优先级"),
            format!("title, stations, validity or priority of {name}"),
        )));
    }
}

/// A recording's path has the bundle's number in it, which is always another.
fn plain(message: &Message) -> Message {
    let audio = message.audio.as_ref().map(|audio| audio.components().skip(2).collect::<PathBuf>());
    Message { audio, ..message.clone() }
}

fn described(schedule: &Schedule) -> String {
    let when = match &schedule.when {
        When::Cron(cron) => cron.source().to_owned(),
        When::At(times) => {
            times.iter().map(|time| time.format("%H:%M").to_string()).collect::<Vec<_>>().join(" ")
        }
    };
    match schedule.days {
        Days::Every => when,
        Days::Weekdays(days) => format!("{when} {days}"),
        Days::Workdays => format!("{when} workdays"),
        Days::Restdays => format!("{when} restdays"),
    }
}

fn targets(old: &Bundle, new: &Bundle, found: &mut Vec<Words>) {
    let listed =
        |bundle: &Bundle| bundle.target.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let (before, after) = (listed(old), listed(new));
    if before != after {
        let zh = format!("改了 发给谁：{before} → {after}");
        found.push(Words::new(zh, format!("changed: whom it is for: {before} → {after}")));
    }
}

/// Files that people made. Clips follow from texts and voice, and are counted by nobody.
fn files(old: &Bundle, new: &Bundle, found: &mut Vec<Words>) {
    let by_path = |bundle: &Bundle| -> BTreeMap<String, _> {
        let files = bundle.files.iter().filter(|file| file.path.clip().is_none());
        files.map(|file| (file.path.to_string(), file.sha256)).collect()
    };
    let (before, after) = (by_path(old), by_path(new));
    let what = |path: &str| {
        let path = Path::new(path).display();
        Words::new(format!("文件 {path}"), format!("file {path}"))
    };
    for (path, sum) in &after {
        match before.get(path) {
            None => found.push(added(&what(path))),
            Some(former) if former != sum => found.push(changed(&what(path))),
            Some(_) => {}
        }
    }
    found.extend(before.keys().filter(|path| !after.contains_key(*path)).map(|path| removed(&what(path))));
}

fn added(what: &Words) -> Words {
    Words::new(format!("新增 {}", what.zh), format!("new: {}", what.en))
}

fn removed(what: &Words) -> Words {
    Words::new(format!("去掉 {}", what.zh), format!("gone: {}", what.en))
}

fn changed(what: &Words) -> Words {
    Words::new(format!("改了 {}", what.zh), format!("changed: {}", what.en))
}
