//! The closed lists of CAP's values and its other simple texts: times, names, references. Each version has its own.

use chrono::{DateTime, FixedOffset};

use crate::model::{AlertName, Words};

use super::alert::{CapStatus, MsgType, Scope, Version};

/// CAP's `urgency`.
pub const URGENCIES: [&str; 5] = ["Immediate", "Expected", "Future", "Past", "Unknown"];

/// CAP's `severity`.
pub const SEVERITIES: [&str; 5] = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"];

/// CAP's `certainty`. What 1.0 calls *Very Likely* is *Likely*, as 1.1 says.
pub const CERTAINTIES: [&str; 5] = ["Observed", "Likely", "Possible", "Unlikely", "Unknown"];

/// CAP's `responseType`.
pub const RESPONSES: [&str; 9] =
    ["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"];

/// CAP's `category`.
pub(super) const CATEGORIES: [&str; 12] = [
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "Other",
    "CBRNE",
];

/// Farthest that an offset is from UTC, in seconds: 14 hours.
const FARTHEST: i32 = 14 * 3600;

impl Version {
    /// Lists the values of `responseType`; 1.0 has no such element.
    pub(super) const fn responses(self) -> &'static [&'static str] {
        match self {
            Self::V1_0 => &[],
            Self::V1_1 => &["Shelter", "Evacuate", "Prepare", "Execute", "Monitor", "Assess", "None"],
            Self::V1_2 => &RESPONSES,
        }
    }

    /// Lists the values of `category`.
    pub(super) fn categories(self) -> &'static [&'static str] {
        if self == Self::V1_0 { &CATEGORIES[..11] } else { &CATEGORIES }
    }
}

pub(super) fn status(text: &str, version: Version) -> Option<CapStatus> {
    match text {
        "Actual" => Some(CapStatus::Actual),
        "Exercise" => Some(CapStatus::Exercise),
        "System" => Some(CapStatus::System),
        "Test" => Some(CapStatus::Test),
        "Draft" if version > Version::V1_0 => Some(CapStatus::Draft),
        _ => None,
    }
}

pub(super) fn msg_type(text: &str) -> Option<MsgType> {
    match text {
        "Alert" => Some(MsgType::Alert),
        "Update" => Some(MsgType::Update),
        "Cancel" => Some(MsgType::Cancel),
        "Ack" => Some(MsgType::Ack),
        "Error" => Some(MsgType::Error),
        _ => None,
    }
}

pub(super) fn scope(text: &str) -> Option<Scope> {
    match text {
        "Public" => Some(Scope::Public),
        "Restricted" => Some(Scope::Restricted),
        "Private" => Some(Scope::Private),
        _ => None,
    }
}

/// Tells whether a text may name a sender or a warning: references are parted by blanks, their parts by commas.
pub(super) fn is_name(text: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '<' | '&');
    !text.is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains(forbidden)
}

/// Longest identifier or sender, in characters.
pub(super) const LONGEST_NAME: usize = 200;

/// Reads a time, and says what about it departs from the standard, if that leaves no doubt.
pub(super) fn time(text: &str, version: Version) -> Result<(DateTime<FixedOffset>, Option<Words>), Words> {
    let (zone, fraction) = shape(text).ok_or_else(|| {
        Words::new(
            format!("{text:?} 不是时间；要写成 2026-07-01T08:00:00+08:00"),
            format!("{text:?} is no time such as 2026-07-01T08:00:00+08:00"),
        )
    })?;
    if zone.is_empty() {
        let zh = format!("时间 {text:?} 没有写时差，不知道是哪里的时间");
        return Err(Words::new(zh, format!("the time {text:?} has no offset: it may be anybody's")));
    }
    let odd = (zone == "Z" || fraction).then(|| {
        Words::new(
            format!("时间 {text:?} 不合标准：不用 Z（UTC 写 -00:00），秒没有小数"),
            format!(
                "the time {text:?} is not as the standard has it: no Z (UTC is -00:00), no parts of seconds"
            ),
        )
    });
    // 1.1 forbids the letter in words, though its schema lets it pass; 1.0 leaves both open.
    let forbidden = (zone == "Z" && version >= Version::V1_1) || (fraction && version == Version::V1_2);
    match odd {
        Some(odd) if forbidden => return Err(odd),
        _ => {}
    }
    let time = DateTime::parse_from_rfc3339(text).ok();
    let time = time.filter(|time| time.offset().local_minus_utc().abs() <= FARTHEST);
    let none = || Words::new(format!("没有 {text:?} 这个时间"), format!("there is no such time as {text:?}"));
    Ok((time.ok_or_else(none)?, odd))
}

/// Takes a time apart into what stands for its zone and whether its seconds have a fraction; `None` if it has another shape.
fn shape(text: &str) -> Option<(&str, bool)> {
    let fits = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'+' => byte == b'+' || byte == b'-',
                wanted => byte == wanted,
            })
    };
    let (civil, rest) = text.split_at_checked("0000-00-00T00:00:00".len())?;
    let zone =
        rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let known = zone.is_empty() || zone == "Z" || fits(zone, "+00:00");
    let fraction = rest.len() - zone.len();
    (fits(civil, "0000-00-00T00:00:00") && known && fraction != 1 && fraction <= 10)
        .then_some((zone, fraction > 0))
}

/// Reads one reference: `sender,identifier,sent`.
pub(super) fn reference(text: &str, version: Version) -> Result<AlertName, Words> {
    let parts: Vec<&str> = text.split(',').collect();
    let none = || {
        Words::new(
            format!("{text:?} 不是“sender,identifier,sent”"),
            format!("{text:?} is no sender,identifier,sent"),
        )
    };
    let [sender, identifier, sent] = parts[..] else { return Err(none()) };
    if !is_name(sender) || !is_name(identifier) {
        return Err(none());
    }
    let (sent, _) = time(sent, version)?;
    Ok(AlertName { identifier: identifier.to_owned(), sender: sender.to_owned(), sent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_nobodys_in_any_version() {
        for version in Version::ALL {
            assert!(time("2026-07-01T08:00:00+08:00", version).unwrap().1.is_none());
            assert!(time("2026-07-01T08:00:00-00:00", version).is_ok());
            for text in [
                "",
                "2026-07-01T08:00:00",
                "2026-07-01 08:00:00+08:00",
                "2026-07-01T08:00:00+0800",
                "2026-07-01T08:00:00+8:00",
                "2026-07-01T08:00+08:00",
                "2026-02-30T08:00:00+08:00",
                "2026-07-01T25:00:00+08:00",
                "2026-07-01T08:00:00+15:00",
                "2026-07-01T08:00:00z",
                "2026-07-01T08:00:00.+08:00",
                "２026-07-01T08:00:00+08:00",
                "-026-07-01T08:00:00+08:00",
            ] {
                assert!(time(text, version).is_err(), "{text} in {version:?}");
            }
        }
    }

    #[test]
    fn what_each_version_forbids_is_refused_and_the_rest_is_remarked() {
        let (z, fraction) = ("2026-07-01T00:00:00Z", "2026-07-01T08:00:00.5+08:00");
        assert!(time(z, Version::V1_2).is_err() && time(z, Version::V1_1).is_err());
        assert!(time(z, Version::V1_0).unwrap().1.is_some());
        assert!(time(fraction, Version::V1_2).is_err());
        assert!(time(fraction, Version::V1_1).unwrap().1.is_some());
    }

    #[test]
    fn a_reference_has_three_parts() {
        let good = "cma@cma.gov.cn,13052541600000_20260701080000,2026-07-01T08:00:00+08:00";
        assert_eq!(reference(good, Version::V1_2).unwrap().identifier, "13052541600000_20260701080000");
        for text in ["", "a,b", "a,b,c", "a,,2026-07-01T08:00:00+08:00", "a,b,2026-07-01T08:00:00+08:00,d"] {
            assert!(reference(text, Version::V1_2).is_err(), "{text}");
        }
    }
}
