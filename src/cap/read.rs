//! Element → warning: strict where a mistake could change whether, where or what is spoken; elsewhere it remarks.

use chrono::{DateTime, FixedOffset};

use crate::model::AlertName;

use super::alert::{Area, CapAlert, Circle, Coded, Info, MsgType, Point, Scope, Version};
use super::fault::At;
use super::parts::{Part, Parts, many, no_value, once, text};
use super::tree::Node;
use super::words::{self, CERTAINTIES, LONGEST_NAME, SEVERITIES, URGENCIES, is_name};

/// Most warnings that one refers to.
pub(super) const MOST_REFERENCES: usize = 200;

/// Most points of one polygon.
pub(super) const MOST_POINTS: usize = 10_000;

const ALERT: [Part; 16] = [
    once("identifier"),
    once("sender"),
    once("sent"),
    once("status"),
    once("msgType"),
    once("password"),
    once("source"),
    once("scope"),
    once("restriction"),
    once("addresses"),
    many("code"),
    once("note"),
    once("references"),
    once("incidents"),
    many("info"),
    many("Signature"),
];

const INFO: [Part; 20] = [
    once("language"),
    many("category"),
    once("event"),
    many("responseType"),
    once("urgency"),
    once("severity"),
    once("certainty"),
    once("audience"),
    many("eventCode"),
    once("effective"),
    once("onset"),
    once("expires"),
    once("senderName"),
    once("headline"),
    once("description"),
    once("instruction"),
    once("web"),
    once("contact"),
    many("parameter"),
    many("resource"),
];

const AREA: [Part; 6] =
    [once("areaDesc"), many("polygon"), many("circle"), many("geocode"), once("altitude"), once("ceiling")];

/// Reads one warning; what was let pass goes to `remarks`.
pub(super) fn alert(node: &Node, version: Version, remarks: &mut Vec<At>) -> Result<CapAlert, At> {
    let parts = Parts::of(node, &ALERT, remarks)?;
    let mut reading = Reading { version, remarks };
    let known_as = AlertName {
        identifier: name(&parts, "identifier")?,
        sender: name(&parts, "sender")?,
        sent: reading.time(parts.needed("sent")?)?,
    };
    let status = parts.one_of("status", |text| words::status(text, version))?;
    let msg_type = parts.one_of("msgType", words::msg_type)?;
    let scope = match parts.maybe("scope")? {
        None if version == Version::V1_0 => Scope::Public,
        _ => parts.one_of("scope", words::scope)?,
    };
    let references = reading.references(&parts, msg_type)?;
    let infos = parts.all("info").map(|info| reading.info(info)).collect::<Result<_, _>>()?;
    Ok(CapAlert { version, name: known_as, status, msg_type, scope, references, infos, remarks: Vec::new() })
}

/// Reads what names a warning or its sender.
fn name(parts: &Parts<'_>, element: &str) -> Result<String, At> {
    let (text, at) = parts.needed(element)?;
    if is_name(text) {
        return Ok(text.to_owned());
    }
    let zh = format!("<{element}> 里不能有空白、逗号、< 和 &，最长 {LONGEST_NAME} 字");
    let en = format!("<{element}> has no blanks, commas, < or &, and {LONGEST_NAME} characters at most");
    Err(At::new(at, zh, en))
}

struct Reading<'a> {
    version: Version,
    remarks: &'a mut Vec<At>,
}

impl Reading<'_> {
    fn time(&mut self, (text, at): (&str, usize)) -> Result<DateTime<FixedOffset>, At> {
        let (time, odd) = words::time(text, self.version).map_err(|words| At { at, words })?;
        self.remarks.extend(odd.map(|words| At { at, words }));
        Ok(time)
    }

    fn maybe_time(&mut self, parts: &Parts<'_>, name: &str) -> Result<Option<DateTime<FixedOffset>>, At> {
        match parts.maybe(name)? {
            Some(("", at)) => {
                let zh = format!("<{name}> 是空的");
                self.remarks.push(At::new(at, zh, format!("<{name}> is empty")));
                Ok(None)
            }
            Some(written) => self.time(written).map(Some),
            None => Ok(None),
        }
    }

    /// An update of nothing and a cancellation of nothing are refused; a new warning may name others badly.
    fn references(&mut self, parts: &Parts<'_>, msg_type: MsgType) -> Result<Vec<AlertName>, At> {
        let written = parts.maybe("references")?;
        let needs = msg_type != MsgType::Alert;
        let (text, at) = match written {
            Some((text, at)) if !text.is_empty() => (text, at),
            _ if needs => {
                parts.needed("references")?;
                return Ok(Vec::new());
            }
            Some((_, at)) => {
                self.remarks.push(At::new(at, "<references> 是空的", "<references> is empty"));
                return Ok(Vec::new());
            }
            None => return Ok(Vec::new()),
        };
        let mut named = Vec::new();
        for reference in text.split_whitespace() {
            match words::reference(reference, self.version) {
                Ok(name) => named.push(name),
                Err(words) if needs => return Err(At { at, words }),
                Err(words) => self.remarks.push(At { at, words }),
            }
            if named.len() > MOST_REFERENCES {
                let zh = format!("引用超过 {MOST_REFERENCES} 条");
                return Err(At::new(at, zh, format!("more than {MOST_REFERENCES} references")));
            }
        }
        Ok(named)
    }

    fn info(&mut self, node: &Node) -> Result<Info, At> {
        let known: Vec<Part> = INFO.into_iter().chain([many("area")]).collect();
        let parts = Parts::of(node, &known, self.remarks)?;
        self.categories(&parts)?;
        let (event, _) = parts.needed("event")?;
        Ok(Info {
            language: self.language(&parts, node.at)?,
            event: line(event),
            responses: self.responses(&parts)?,
            urgency: parts.one_of("urgency", |text| listed(text, &URGENCIES))?,
            severity: parts.one_of("severity", |text| listed(text, &SEVERITIES))?,
            certainty: self.certainty(&parts)?,
            event_codes: parts.all("eventCode").map(|code| self.coded(code)).collect::<Result<_, _>>()?,
            effective: {
                self.maybe_time(&parts, "onset")?;
                self.maybe_time(&parts, "effective")?
            },
            expires: self.maybe_time(&parts, "expires")?,
            sender_name: line(&parts.text("senderName")?),
            headline: parts.text("headline")?,
            description: parts.text("description")?,
            instruction: parts.text("instruction")?,
            areas: parts.all("area").map(|area| self.area(area)).collect::<Result<_, _>>()?,
        })
    }

    fn categories(&self, parts: &Parts<'_>) -> Result<(), At> {
        if self.version > Version::V1_0 {
            parts.needed("category")?;
        }
        for category in parts.all("category") {
            let written = text(category)?;
            listed(written, self.version.categories())
                .ok_or_else(|| no_value("category", written, category.at))?;
        }
        Ok(())
    }

    /// The standard's default is `en-US`; offices that write Chinese and leave it out do not mean that.
    fn language(&mut self, parts: &Parts<'_>, at: usize) -> Result<String, At> {
        if let Some((language, at)) = parts.maybe("language")?.filter(|(language, _)| !language.is_empty()) {
            let tag = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            return if language.len() <= 35 && language.chars().all(tag) {
                Ok(language.to_owned())
            } else {
                Err(no_value("language", language, at))
            };
        }
        let chinese = (parts.text("headline")? + &parts.text("description")?).chars().any(is_han);
        if !chinese {
            return Ok("en-US".to_owned());
        }
        self.remarks.push(At::new(
            at,
            "没有写 <language>，内容是中文，当作 zh-CN",
            "no <language>, but Chinese text: taken as zh-CN",
        ));
        Ok("zh-CN".to_owned())
    }

    fn responses(&self, parts: &Parts<'_>) -> Result<Vec<&'static str>, At> {
        let one = |node: &Node| {
            let written = text(node)?;
            listed(written, self.version.responses())
                .ok_or_else(|| no_value("responseType", written, node.at))
        };
        parts.all("responseType").map(one).collect()
    }

    /// 1.0 said *Very Likely*, which later versions ask to be read as *Likely*; *Observed* came with 1.1, but its authors'
    /// own examples of 1.0 say it.
    fn certainty(&mut self, parts: &Parts<'_>) -> Result<&'static str, At> {
        let (written, at) = parts.needed("certainty")?;
        let departs = (written == "Very Likely") != (self.version == Version::V1_0);
        if departs && matches!((written, self.version), ("Very Likely", _) | ("Observed", Version::V1_0)) {
            let zh = format!("这个版本的 <certainty> 没有 {written:?}");
            self.remarks.push(At::new(at, zh, format!("this version's <certainty> has no {written:?}")));
        }
        let meant = if written == "Very Likely" { "Likely" } else { written };
        listed(meant, &CERTAINTIES).ok_or_else(|| no_value("certainty", written, at))
    }

    /// `valueName` and `value`; in 1.0 both in one text, `fips6=006109`.
    fn coded(&mut self, node: &Node) -> Result<Coded, At> {
        if self.version == Version::V1_0 && node.children.is_empty() {
            let (name, value) = node.text.split_once('=').unwrap_or(("", &node.text));
            return Ok(Coded { name: line(name), value: line(value) });
        }
        let parts = Parts::of(node, &[once("valueName"), once("value")], self.remarks)?;
        let (name, _) = parts.needed("valueName")?;
        let value = parts.maybe("value")?.map(|(value, _)| line(value));
        let value = value.ok_or_else(|| At::new(node.at, "<value> 没有写", "<value> is missing"))?;
        Ok(Coded { name: line(name), value })
    }

    fn area(&mut self, node: &Node) -> Result<Area, At> {
        let parts = Parts::of(node, &AREA, self.remarks)?;
        let mut area = Area { description: line(&parts.text("areaDesc")?), ..Area::default() };
        if area.description.is_empty() {
            self.remarks.push(At::new(node.at, "<areaDesc> 没有写", "<areaDesc> is missing or empty"));
        }
        for (element, at) in shapes(&parts, "polygon")? {
            match element {
                "" => self.remarks.push(At::new(at, "<polygon> 是空的", "<polygon> is empty")),
                points => area.polygons.push(self.polygon(points, at)?),
            }
        }
        for (element, at) in shapes(&parts, "circle")? {
            match element {
                "" => self.remarks.push(At::new(at, "<circle> 是空的", "<circle> is empty")),
                written => area.circles.push(circle(written, at)?),
            }
        }
        area.geocodes = parts.all("geocode").map(|code| self.coded(code)).collect::<Result<_, _>>()?;
        Ok(area)
    }

    fn polygon(&mut self, text: &str, at: usize) -> Result<Vec<Point>, At> {
        let mut ring = Vec::new();
        for point in text.split_whitespace() {
            ring.push(point.parse::<Point>().map_err(|words| At { at, words })?);
            if ring.len() > MOST_POINTS {
                let zh = format!("多边形的点超过 {MOST_POINTS} 个");
                return Err(At::new(at, zh, format!("more than {MOST_POINTS} points of a polygon")));
            }
        }
        if ring.len() >= 3 && ring.first() != ring.last() {
            let zh = "多边形没有闭合，已经连上";
            self.remarks.push(At::new(at, zh, "the polygon does not end where it began: closed"));
            ring.extend(ring.first().copied());
        }
        if ring.len() < 4 {
            return Err(At::new(at, "多边形不足三个点", "a polygon of fewer than three points"));
        }
        Ok(ring)
    }
}

fn shapes<'a>(parts: &Parts<'a>, name: &str) -> Result<Vec<(&'a str, usize)>, At> {
    parts.all(name).map(|shape| Ok((text(shape)?, shape.at))).collect()
}

fn circle(written: &str, at: usize) -> Result<Circle, At> {
    let circle = || {
        let mut parts = written.split_whitespace();
        let (centre, radius) = (parts.next()?.parse().ok()?, parts.next()?.parse::<f64>().ok()?);
        let good = radius.is_finite() && radius >= 0.0 && parts.next().is_none();
        good.then_some(Circle { centre, radius })
    };
    circle().ok_or_else(|| {
        let zh = format!("{written:?} 不是“纬度,经度 半径”");
        At::new(at, zh, format!("{written:?} is no LATITUDE,LONGITUDE RADIUS"))
    })
}

fn listed(text: &str, list: &[&'static str]) -> Option<&'static str> {
    list.iter().copied().find(|known| *known == text)
}

/// Puts a text on one line: pretty-printed XML breaks names, too.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells whether a character is Chinese.
pub(super) fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '〇')
}
