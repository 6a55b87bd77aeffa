//! Texts, ids and the names of things elsewhere: stations, files, zones, time zones, weekdays.

use std::path::{Component, Path, PathBuf};

use chrono_tz::{TZ_VARIANTS, Tz};

use crate::model::{CalendarId, Chime, Days, IdError, StationId, Target, Words};

use super::advice::{in_half_width, listed, nearest, quoted};
use super::value::Fault;

/// Longest name of a thing in the system.
pub(super) const LONGEST_NAME: usize = 200;

/// Weekdays as they are written, Monday first.
pub(super) const WEEKDAY_NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Names that stand for sets of days.
pub(super) const DAY_SETS: [&str; 2] = ["workdays", "restdays"];

fn fault(what_zh: String, what_en: String, fix_zh: String, fix_en: String) -> Fault {
    Fault::new(Words::new(what_zh, what_en), Words::new(fix_zh, fix_en))
}

/// Offers a value to write instead.
fn instead(what: (String, String), right: &str) -> Fault {
    fault(what.0, what.1, format!("改成 `\"{right}\"`"), format!("write `\"{right}\"`"))
}

/// Reads a text of at least one visible character.
pub(super) fn text(text: &str, longest: usize) -> Result<String, Fault> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(fault(
            "这里是空的".into(),
            "this is empty".into(),
            "写上内容，或删去这一项".into(),
            "write something, or remove the key".into(),
        ));
    }
    if length > longest {
        return Err(fault(
            format!("有 {length} 个字，太长了"),
            format!("{length} characters are too many"),
            format!("最多 {longest} 个字；长的分成几条写"),
            format!("write at most {longest}; split what is longer"),
        ));
    }
    match text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(control) => Err(fault(
            format!("文字里有看不见的控制字符 {}", quoted(&control.to_string())),
            format!("the text holds the control character {}", quoted(&control.to_string())),
            "删去它".into(),
            "remove it".into(),
        )),
        None => Ok(text.to_owned()),
    }
}

/// Reads one of a closed list of words.
pub(super) fn one_of(written: &str, words: &[&str]) -> Result<String, Fault> {
    if words.contains(&written) {
        return Ok(written.to_owned());
    }
    let what = (
        format!("{} 不在可选的词里", quoted(written)),
        format!("{} is not one of the words allowed", quoted(written)),
    );
    let weekday = (words == WEEKDAY_NAMES).then(|| weekday_meant(written)).flatten();
    if let Some(near) = weekday.or_else(|| nearest(written, words.iter().copied())) {
        return Err(instead(what, near));
    }
    let known = listed(words.iter().copied());
    Err(fault(what.0, what.1, format!("可以写：{}", known.zh), format!("known: {}", known.en)))
}

/// Guesses the weekday meant by `周一`, `星期日`, `1`, `Monday`.
fn weekday_meant(written: &str) -> Option<&'static str> {
    let folded = in_half_width(written).to_lowercase();
    let bare = folded.trim_start_matches("星期").trim_start_matches("礼拜").trim_start_matches('周');
    let signs = ["一1", "二2", "三3", "四4", "五5", "六6", "日天70"];
    let by_sign = || {
        let mut characters = bare.chars();
        let (sign, None) = (characters.next()?, characters.next()) else { return None };
        signs.iter().position(|signs| signs.contains(sign))
    };
    let by_name = WEEKDAY_NAMES.iter().position(|name| folded.starts_with(name));
    by_name.or_else(by_sign).map(|at| WEEKDAY_NAMES[at])
}

/// Reads `workdays` or `restdays`; a single weekday is meant as a list.
pub(super) fn days(written: &str) -> Result<Days, Fault> {
    match written {
        "workdays" => Ok(Days::Workdays),
        "restdays" => Ok(Days::Restdays),
        _ => Err(no_such_days(written)),
    }
}

fn no_such_days(written: &str) -> Fault {
    let what = (format!("{} 不是日子的写法", quoted(written)), format!("{} names no days", quoted(written)));
    let set = match written {
        "工作日" | "weekdays" => Some("workdays"),
        "休息日" | "节假日" | "weekends" | "holidays" => Some("restdays"),
        _ => nearest(written, DAY_SETS),
    };
    if let Some(set) = set {
        return instead(what, set);
    }
    let list = weekday_meant(written).map_or("[\"mon\", \"fri\"]".to_owned(), |day| format!("[\"{day}\"]"));
    fault(
        what.0,
        what.1,
        format!("写 `\"workdays\"`（工作日）、`\"restdays\"`（休息日），或星期的列表，如 `{list}`"),
        format!("write `\"workdays\"`, `\"restdays\"`, or a list of weekdays such as `{list}`"),
    )
}

fn id_fault(written: &str, error: &IdError) -> Fault {
    let name = quoted(written);
    let what = match error {
        IdError::Empty => ("名称是空的".to_owned(), "the id is empty".to_owned()),
        IdError::TooLong(length) => (
            format!("名称有 {length} 个字，太长了"),
            format!("the id has {length} characters, which is too long"),
        ),
        IdError::Forbidden(c) if c.is_whitespace() => {
            (format!("名称 {name} 的两头有空格"), format!("the id {name} has a blank at one end"))
        }
        IdError::Forbidden(c) => {
            let c = quoted(&c.to_string());
            (format!("名称 {name} 里不能有 {c}"), format!("the id {name} cannot hold {c}"))
        }
    };
    fault(
        what.0,
        what.1,
        "用 1 到 64 个汉字、字母或数字，不要有 `/ @ : * \\`".into(),
        "use 1 to 64 characters, none of `/ @ : * \\`".into(),
    )
}

/// Reads an id; every kind of id has the same rules.
pub(super) fn id(written: &str) -> Result<String, Fault> {
    StationId::new(written).map(|id| id.as_str().to_owned()).map_err(|error| id_fault(written, &error))
}

/// Reads the name of a calendar.
pub(super) fn calendar(written: &str) -> Result<CalendarId, Fault> {
    CalendarId::new(written).map_err(|error| id_fault(written, &error))
}

/// Reads a target: `*`, `zone:` and a zone, or a station.
pub(super) fn target(written: &str) -> Result<Target, Fault> {
    let read = || {
        let name = written.strip_prefix("zone:").unwrap_or(written);
        written.parse::<Target>().map_err(|error| id_fault(name, &error))
    };
    if written == "*" || written.starts_with("zone:") {
        return read();
    }
    let half = in_half_width(written);
    let meant = ["zone:", "区域:"].iter().find_map(|prefix| half.trim().strip_prefix(prefix));
    let what =
        || (format!("{} 不是站点的写法", quoted(written)), format!("{} names no station", quoted(written)));
    match meant {
        Some(zone) => Err(instead(what(), &format!("zone:{}", zone.trim()))),
        None if half.trim() == "*" || matches!(written, "all" | "全部" | "所有") => {
            Err(instead(what(), "*"))
        }
        None => read(),
    }
}

/// Resolves a path against the folder of the file in which it is written, without asking the disk.
pub(super) fn path(written: &str, file: &Path) -> Result<PathBuf, Fault> {
    text(written, LONGEST_NAME)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Ok(without_dots(&folder.join(written)))
}

/// Removes `.` and what `..` takes back, without asking the disk; what is empty then is `.`.
pub fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            Component::ParentDir if plain.has_root() => {}
            part => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

/// Reads the name of a sound file under the audio folder; it must not lead out of there.
pub(super) fn recording(written: &str) -> Result<PathBuf, Fault> {
    text(written, LONGEST_NAME)?;
    let inside = Path::new(written).components().all(|part| matches!(part, Component::Normal(_)));
    if inside && !written.contains('\\') && !written.contains(':') {
        return Ok(PathBuf::from(written));
    }
    let name = written
        .rsplit(['/', '\\'])
        .next()
        .filter(|name| !name.is_empty() && *name != "..")
        .unwrap_or("helmet.mp3");
    Err(fault(
        format!("{} 不在录音文件夹里", quoted(written)),
        format!("{} leads out of the audio folder", quoted(written)),
        format!("把录音放进 audio 文件夹，只写文件名，如 `\"{name}\"`"),
        format!("put the recording into the audio folder and write its name only, such as `\"{name}\"`"),
    ))
}

/// Reads a chime: one of ours, or a sound file.
pub(super) fn chime(written: &str, ours: &[&str]) -> Result<Chime, Fault> {
    if ours.contains(&written) {
        return Ok(Chime::Named(written.to_owned()));
    }
    if written.contains('.') {
        return recording(written).map(Chime::File);
    }
    let what =
        (format!("没有叫 {} 的提示音", quoted(written)), format!("there is no chime {}", quoted(written)));
    if let Some(near) = nearest(written, ours.iter().copied()) {
        return Err(instead(what, near));
    }
    let known = listed(ours.iter().copied());
    Err(fault(
        what.0,
        what.1,
        format!("可以写：{}，或录音文件名；不要提示音就删去这一项", known.zh),
        format!("write one of {}, or a sound file's name; remove the key for no chime", known.en),
    ))
}

/// Reads a language tag.
pub(super) fn language(written: &str) -> Result<String, Fault> {
    let mut parts = written.split('-');
    let primary = parts
        .next()
        .is_some_and(|tag| (2..=3).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest =
        parts.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary && rest && written.len() <= 35 {
        return Ok(written.to_owned());
    }
    Err(fault(
        format!("{} 不是语言代码", quoted(written)),
        format!("{} is not a language tag", quoted(written)),
        "普通话写 `\"zh\"`，英语写 `\"en\"`".into(),
        "write `\"zh\"` for Mandarin, `\"en\"` for English".into(),
    ))
}

/// Reads a time zone.
pub(super) fn time_zone(written: &str) -> Result<Tz, Fault> {
    written.parse().map_err(|_| {
        let china = written.contains("北京")
            || written.contains("中国")
            || written.contains("Beijing")
            || written.contains("+8");
        let near = || nearest(written, TZ_VARIANTS.iter().map(|zone| zone.name()));
        let right = if china { "Asia/Shanghai" } else { near().unwrap_or("Asia/Shanghai") };
        instead(
            (
                format!("没有 {} 这个时区", quoted(written)),
                format!("there is no time zone {}", quoted(written)),
            ),
            right,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix_of<T: std::fmt::Debug>(read: Result<T, Fault>) -> String {
        read.unwrap_err().advice.fix.en
    }

    #[test]
    fn a_recording_cannot_lead_out_of_the_audio_folder() {
        assert_eq!(recording("彝语/helmet.mp3").unwrap(), PathBuf::from("彝语/helmet.mp3"));
        for bad in ["../helmet.mp3", "/etc/passwd", "a/../b.mp3", "D:\\录音\\helmet.mp3", "."] {
            assert!(recording(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_count_from_the_file_and_are_resolved_by_their_text() {
        let file = Path::new("config/station.toml");
        assert_eq!(path("../broadcasts", file).unwrap(), PathBuf::from("broadcasts"));
        assert_eq!(path("../../x", file).unwrap(), PathBuf::from("../x"));
        assert_eq!(path("/srv/audio", file).unwrap(), PathBuf::from("/srv/audio"));
        assert_eq!(path("..", file).unwrap(), PathBuf::from("."));
        assert_eq!(path("/../..", file).unwrap(), PathBuf::from("/"));
    }

    #[test]
    fn chinese_names_of_weekdays_and_zones_are_answered_with_the_right_ones() {
        assert_eq!(fix_of(one_of("星期天", &WEEKDAY_NAMES)), "write `\"sun\"`");
        assert_eq!(fix_of(one_of("Monday", &WEEKDAY_NAMES)), "write `\"mon\"`");
        assert_eq!(fix_of(one_of("３", &WEEKDAY_NAMES)), "write `\"wed\"`");
        assert_eq!(fix_of(time_zone("北京时间")), "write `\"Asia/Shanghai\"`");
        assert_eq!(fix_of(time_zone("Asia/Shangai")), "write `\"Asia/Shanghai\"`");
        assert_eq!(fix_of(target("zone：河东")), "write `\"zone:河东\"`");
        assert_eq!(fix_of(days("工作日")), "write `\"workdays\"`");
    }
}
