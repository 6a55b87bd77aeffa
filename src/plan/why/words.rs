//! The answer to "why" in words, times in the station's civil time.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::model::{Airing, Words};

use super::{Absence, Explanation};

/// Two wordings of one statement, on their way to [`Words`].
type Pair = (String, String);

impl Explanation {
    /// Says this part of the answer in one sentence.
    pub fn words(&self, zone: Tz) -> Words {
        let (zh, en) = self.pair(zone);
        Words::new(zh, en)
    }

    fn pair(&self, zone: Tz) -> Pair {
        match self {
            Self::Planned { airing, ahead } => planned(airing, *ahead),
            Self::NothingPlanned => {
                both("那个时间前后没有排任何播发。", "Nothing was planned about that time.")
            }
            Self::Quiet { until } => quiet(*until, zone),
            Self::NoiseLimits { per_hour, per_day } => noise(*per_hour, *per_day),
            Self::Silent { playlist, schedule, why, next } => {
                let (zh, en) = absence(why);
                let (next_zh, next_en) = next_firing(*next);
                (
                    format!("节目单“{playlist}”第 {schedule} 个时间表没有播：{zh}{next_zh}。"),
                    format!("Schedule {schedule} of playlist {playlist} does not fire then: {en}{next_en}."),
                )
            }
            Self::Happened(note) => {
                let at = time(note.at, zone);
                (format!("{at}：{}。", note.what.zh), format!("{at}: {}.", note.what.en))
            }
        }
    }
}

fn both(zh: &str, en: &str) -> Pair {
    (zh.to_owned(), en.to_owned())
}

fn time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%m-%d %H:%M:%S").to_string()
}

fn planned(airing: &Airing, ahead: bool) -> Pair {
    let (due, message, playlist) =
        (airing.due.format("%m-%d %H:%M:%S"), airing.message_id(), &airing.playlist);
    let (zh, en) = if ahead {
        ("还没到时间", "its time is still to come")
    } else {
        (
            "没有记录是因为当时程序没有运行，或者节目单是后来才改的",
            "it has no record, because the program was not running then, or the playlist was changed later",
        )
    };
    (
        format!("{due} 计划播“{message}”（节目单“{playlist}”）：{zh}。"),
        format!("{due}: {message} of playlist {playlist} was planned; {en}."),
    )
}

fn quiet(until: Option<DateTime<Utc>>, zone: Tz) -> Pair {
    match until {
        Some(until) => {
            let until = time(until, zone);
            (
                format!("那时是静音时段，到 {until} 为止，只有应急播发能出声。"),
                format!("It was in quiet hours, until {until}: only emergencies sound then."),
            )
        }
        None => both(
            "这个站点全天静音，只有应急播发能出声。",
            "This station is quiet all day: only emergencies sound.",
        ),
    }
}

fn noise(per_hour: Option<u32>, per_day: Option<u32>) -> Pair {
    let zh = [per_hour.map(|m| format!("每小时 {m} 分钟")), per_day.map(|m| format!("每天 {m} 分钟"))];
    let en =
        [per_hour.map(|m| format!("{m} minutes an hour")), per_day.map(|m| format!("{m} minutes a day"))];
    let join =
        |parts: [Option<String>; 2], mark: &str| parts.into_iter().flatten().collect::<Vec<_>>().join(mark);
    (
        format!("这个站点最多播：{}。", join(zh, "，")),
        format!("This station may sound at the most {}.", join(en, ", ")),
    )
}

fn absence(why: &Absence) -> Pair {
    let dated = |zh: &str, en: &str, date: &NaiveDate| {
        (zh.replace("{}", &date.to_string()), en.replace("{}", &date.to_string()))
    };
    match why {
        Absence::OtherStations => both("它不发给这个站点", "it is for other stations"),
        Absence::NotYetValid(first) => dated("有效期从 {} 开始", "its validity begins on {}", first),
        Absence::Over(last) => dated("有效期到 {} 为止", "its validity ended on {}", last),
        Absence::OtherWeekday => both("那天的星期不在它的 days 里", "its days do not name that weekday"),
        Absence::DayOff(Some(name)) => (
            format!("它只在工作日播，那天是{name}放假"),
            format!("it fires on workdays, and that day was off for {name}"),
        ),
        Absence::DayOff(None) => {
            both("它只在工作日播，那天是周末", "it fires on workdays, and that was a weekend")
        }
        Absence::Workday { make_up: true } => {
            both("它只在休息日播，那天调休上班", "it fires on days off, and that weekend day was worked")
        }
        Absence::Workday { make_up: false } => {
            both("它只在休息日播，那天是工作日", "it fires on days off, and that was a workday")
        }
        Absence::NotInCalendar(id) => {
            (format!("那天不在日历“{id}”里"), format!("calendar {id} does not hold that day"))
        }
        Absence::OtherDay => both("它的 cron 不含那一天", "its cron does not name that day"),
        Absence::OtherTime => both("它那天在别的钟点播", "it fires at another time of that day"),
    }
}

fn next_firing(next: Option<DateTime<FixedOffset>>) -> Pair {
    match next {
        Some(next) => {
            let next = next.format("%Y-%m-%d %H:%M");
            (format!("；之后下一次是 {next}"), format!("; the next time after that is {next}"))
        }
        None => (String::new(), String::new()),
    }
}
