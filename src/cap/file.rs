//! A file: one warning, a feed of warnings or of links to them, or an envelope with several.

use super::alert::{CapAlert, CapStatus, Version};
use super::decode::decode;
use super::fault::{At, Fault};
use super::read;
use super::tree::{Node, grow};

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Namespaces of EDXL Distribution Element, the envelope of the same committee.
const EDXL: [&str; 2] =
    ["urn:oasis:names:tc:emergency:EDXL:DE:1.0", "urn:oasis:names:tc:emergency:EDXL:DE:2.0"];

/// Most warnings, or links, of one file.
pub const MOST_ALERTS: usize = 500;

/// Longest address of a link, in bytes.
const LONGEST_LINK: usize = 2000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// One warning.
    Alert,
    /// An Atom feed, or one entry of one.
    Atom,
    /// An EDXL envelope.
    Edxl,
}

/// What is in a file. Each warning stands for itself: a bad one spoils no other.
#[derive(Debug, Clone, PartialEq)]
pub struct CapFile {
    /// What it is.
    pub kind: FileKind,
    /// The warnings, each read or refused.
    pub alerts: Vec<Result<CapAlert, Fault>>,
    /// Where a feed says that more warnings are.
    pub links: Vec<Link>,
    /// What is odd about the file itself.
    pub remarks: Vec<Fault>,
}

/// Names a warning that lies elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its address.
    pub href: String,
    /// What the feed's entry is known by, and when it changed; both as written.
    pub entry: String,
}

/// Reads a file. Never panics, whatever the bytes; `Err` if nothing of it can be believed.
pub fn read_file(bytes: &[u8]) -> Result<CapFile, Fault> {
    let text = decode(bytes)?;
    read_text(&text).map_err(|at| at.in_text(&text))
}

fn read_text(text: &str) -> Result<CapFile, At> {
    let root = grow(text)?;
    let mut file = Gathering { text, alerts: Vec::new(), links: Vec::new(), remarks: Vec::new() };
    let kind = match root.name.as_str() {
        "alert" => {
            file.alert(&root);
            FileKind::Alert
        }
        "feed" | "entry" if root.space == ATOM => {
            file.atom(&root)?;
            FileKind::Atom
        }
        "EDXLDistribution" if EDXL.contains(&root.space.as_str()) => {
            file.edxl(&root)?;
            FileKind::Edxl
        }
        "rss" | "RDF" => {
            return Err(At::new(
                root.at,
                "RSS 里只有标题和链接，没有预警本身：请给它链接的 CAP 文件，或者用 Atom",
                "RSS has headlines and links and no warnings: give the CAP files that it links to, or an Atom feed",
            ));
        }
        name => {
            let zh = format!("<{name}> 不是 CAP 预警、Atom 或 EDXL");
            return Err(At::new(
                root.at,
                zh,
                format!("<{name}> is no CAP warning, no Atom feed and no EDXL"),
            ));
        }
    };
    match (kind, file.alerts.pop()) {
        // A file that is one bad warning is a bad file.
        (FileKind::Alert, Some(Err(at))) => Err(at),
        (_, last) => {
            file.alerts.extend(last);
            Ok(file.finish(kind))
        }
    }
}

struct Gathering<'a> {
    text: &'a str,
    alerts: Vec<Result<CapAlert, At>>,
    links: Vec<Link>,
    remarks: Vec<At>,
}

impl Gathering<'_> {
    fn alert(&mut self, node: &Node) {
        let version = Version::ALL.into_iter().find(|version| version.namespace() == node.space);
        let Some(version) = version else {
            let space = &node.space;
            self.alerts.push(Err(At::new(
                node.at,
                format!("命名空间 {space:?} 不是 CAP 1.0、1.1、1.2 的"),
                format!("the namespace {space:?} is not that of CAP 1.0, 1.1 or 1.2"),
            )));
            return;
        };
        let mut remarks = Vec::new();
        let read = read::alert(node, version, &mut remarks);
        self.alerts.push(read.map(|alert| CapAlert {
            remarks: remarks.into_iter().map(|at| at.in_text(self.text)).collect(),
            ..alert
        }));
    }

    /// Reads every warning below `node`; returns how many there were.
    fn below(&mut self, node: &Node) -> Result<usize, At> {
        let before = self.alerts.len();
        for child in &node.children {
            if child.name == "alert" && child.space != ATOM {
                self.alert(child);
            } else {
                self.below(child)?;
            }
            if self.alerts.len() > MOST_ALERTS || self.links.len() > MOST_ALERTS {
                let zh = format!("预警超过 {MOST_ALERTS} 条");
                return Err(At::new(child.at, zh, format!("more than {MOST_ALERTS} warnings")));
            }
        }
        Ok(self.alerts.len() - before)
    }

    fn atom(&mut self, root: &Node) -> Result<(), At> {
        if root.name == "entry" {
            return self.entry(root);
        }
        for needed in ["id", "title", "updated"] {
            if !root.children.iter().any(|child| child.is(ATOM, needed)) {
                self.remark(root.at, format!("Atom 缺少 <{needed}>"), format!("the feed has no <{needed}>"));
            }
        }
        for child in &root.children {
            if child.is(ATOM, "entry") {
                self.entry(child)?;
            } else if child.name == "alert" {
                self.alert(child);
                self.remark(
                    child.at,
                    "预警不在 <entry> 里，请看清楚再发",
                    "a warning outside of every <entry>: look twice",
                );
            } else if child.space != ATOM {
                self.remark(
                    child.at,
                    format!("<{}> 不看", child.name),
                    format!("<{}> is passed over", child.name),
                );
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Node) -> Result<(), At> {
        if self.below(entry)? > 0 {
            return Ok(());
        }
        let text = |name: &str| {
            entry.children.iter().find(|child| child.is(ATOM, name)).map_or("", |child| child.text.trim())
        };
        let known_by = format!("{} {}", text("id"), text("updated"));
        let links: Vec<&Node> = entry.children.iter().filter(|child| child.is(ATOM, "link")).collect();
        let of_cap = |link: &&&Node| link.attribute("type").is_some_and(|kind| kind.contains("cap"));
        let fits = |link: &&&Node| {
            link.attribute("type").is_none_or(|kind| kind.contains("xml") && !kind.contains("html"))
        };
        let chosen = links.iter().find(of_cap).or_else(|| links.iter().find(fits));
        match chosen.and_then(|link| link.attribute("href")).filter(|href| href.len() <= LONGEST_LINK) {
            Some(href) => self.links.push(Link { href: href.trim().to_owned(), entry: known_by }),
            None => self.remark(
                entry.at,
                "这个 <entry> 里没有预警，也没有链接",
                "an <entry> without a warning and without a link to one",
            ),
        }
        Ok(())
    }

    /// Reads an envelope. A drill may be written on the envelope only: what is in it is then not taken for the real thing.
    fn edxl(&mut self, root: &Node) -> Result<(), At> {
        let status = root.children.iter().find(|child| child.name == "distributionStatus");
        let status = status.map_or("", |status| status.text.trim()).to_owned();
        for object in root.children.iter().filter(|child| child.name == "contentObject") {
            if self.below(object)? == 0 {
                self.remark(object.at, "<contentObject> 里没有预警", "a <contentObject> without a warning");
            }
        }
        for alert in self.alerts.iter_mut().filter(|_| status != "Actual") {
            if alert.as_ref().is_ok_and(|alert| alert.status == CapStatus::Actual) {
                *alert = Err(At::new(
                    root.at,
                    format!("信封上的 distributionStatus 是 {status:?}，里面的预警却是 Actual"),
                    format!("the envelope says {status:?} and the warning in it Actual"),
                ));
            }
        }
        Ok(())
    }

    fn remark(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        self.remarks.push(At::new(at, zh, en));
    }

    fn finish(self, kind: FileKind) -> CapFile {
        let placed = |at: At| at.in_text(self.text);
        CapFile {
            kind,
            alerts: self.alerts.into_iter().map(|alert| alert.map_err(placed)).collect(),
            links: self.links,
            remarks: self.remarks.into_iter().map(placed).collect(),
        }
    }
}
