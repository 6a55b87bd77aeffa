//! What happened to a stick, in plain words for whoever carries it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::cmd::out::plain;
use crate::model::{Lang, Station, Words};

/// What became of one file.
pub(super) struct Line {
    /// Its name on the stick.
    pub(super) file: String,
    /// Whether it is in force, now or already.
    pub(super) good: bool,
    /// What to tell.
    pub(super) words: Words,
}

/// Everything that became of a stick.
pub(super) struct Receipt<'a> {
    pub(super) at: DateTime<Utc>,
    pub(super) stations: &'a [Station],
    pub(super) lines: &'a [Line],
}

impl Receipt<'_> {
    /// Writes it for people who read `lang`.
    pub(super) fn text(&self, lang: Lang, zone: Tz) -> String {
        let at = self.at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S");
        let names: Vec<&str> = self.stations.iter().map(|station| station.id.as_str()).collect();
        let names = names.join(lang.pick("、", ", "));
        let head = match lang {
            Lang::Zh => format!("站点：{names}\n时间：{at}\n"),
            Lang::En => format!("Station: {names}\nTime: {at}\n"),
        };
        let refused = self.lines.iter().filter(|line| !line.good).count();
        let sum = match (self.lines.len(), refused) {
            (0, _) => lang
                .pick(
                    "U 盘上没有节目；播发记录已写回。\n",
                    "No programme was on the stick; the as-run log was written.\n",
                )
                .to_owned(),
            (all, 0) => match lang {
                Lang::Zh => format!("{all} 个文件都好。\n"),
                Lang::En => format!("All {all} files are well.\n"),
            },
            (all, refused) => match lang {
                Lang::Zh => format!("{all} 个文件中有 {refused} 个没有收下，原来的节目照旧：\n"),
                Lang::En => {
                    format!("{refused} of {all} files were refused; the programme stays as it was:\n")
                }
            },
        };
        let line = |line: &Line| {
            let mark = match (line.good, lang) {
                (true, Lang::Zh) => "好    ",
                (false, Lang::Zh) => "没收下",
                (true, Lang::En) => "well   ",
                (false, Lang::En) => "refused",
            };
            format!("  {mark}  {}：{}\n", plain(&line.file), plain(line.words.in_lang(lang)))
        };
        head + &sum + &self.lines.iter().map(line).collect::<String>()
    }
}
