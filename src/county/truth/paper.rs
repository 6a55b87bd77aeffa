//! What all printed papers share: the page, its head, and places to sign.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The page: A4, the head of the table again on every sheet. No script, and nothing from elsewhere.
const STYLE: &str = "\
@page { size: A4 landscape; margin: 12mm 12mm 14mm; @bottom-center { content: counter(page) ' / ' counter(pages); font-size: 9pt; } }
* { box-sizing: border-box; }
body { margin: 0; color: #000; font: 9.5pt/1.45 'Noto Serif CJK SC', 'Source Han Serif SC', SimSun, serif; }
h1 { margin: 0 0 1mm; text-align: center; font-size: 17pt; letter-spacing: .08em; }
.sub { margin: 0 0 3mm; display: flex; justify-content: space-between; gap: 6mm; }
table { width: calc(100% - .4mm); border-collapse: collapse; table-layout: fixed; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: .3mm solid #000; padding: .8mm 1.2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { text-align: center; font-weight: bold; background: #eee; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
td.n, td.t { text-align: center; }
.mark { font-weight: bold; }
.small { font-size: 8pt; }
.notes { margin: 3mm 0 0; padding-left: 5mm; font-size: 8.5pt; }
.sign { margin-top: 8mm; display: flex; justify-content: space-between; gap: 8mm; break-inside: avoid; }
.sign span { flex: 1; border-bottom: .3mm solid #000; padding-bottom: 1mm; }
section.sheet { break-after: page; } section.sheet:last-child { break-after: auto; }
.opinion { height: 22mm; }
@media screen { body { max-width: 277mm; margin: 8mm auto; padding: 0 4mm; } }
";

/// What stands at the head of a paper.
#[derive(Debug, Clone)]
pub struct Head {
    /// The county office.
    pub county: String,
    /// The time that the paper is of.
    pub window: (DateTime<Utc>, DateTime<Utc>),
    /// The present.
    pub now: DateTime<Utc>,
    /// The civil time of every clock time on the paper.
    pub zone: Tz,
}

impl Head {
    /// Writes an instant in the paper's civil time, to the second.
    pub(super) fn instant(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub(super) fn date(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d").to_string()
    }

    pub(super) fn clock(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M:%S").to_string()
    }

    /// Names the civil time, so that no time on paper can be taken for another.
    pub(super) fn zone_name(&self) -> String {
        if self.zone == Tz::Asia__Shanghai { "北京时间".to_owned() } else { self.zone.name().to_owned() }
    }
}

/// Writes a whole paper around `body`.
pub(super) fn paper(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                // Ours, and without anything that would end the element.
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}

/// Writes places to sign.
pub(super) fn signatures(who: &[&str]) -> Markup {
    html! { div.sign { @for who in who { span { (who) "：" } } } }
}
