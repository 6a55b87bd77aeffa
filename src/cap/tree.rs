//! Text → a tree of elements, small enough to be looked at without care: a pull parser that refuses whatever a warning does
//! not need, document types first.

use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::decode::is_xml;
use super::fault::At;

/// Deepest nesting; a warning in a feed has eight levels, one with a signature eleven.
pub const DEEPEST: usize = 32;

/// Most elements of one file; the largest of the samples has 245.
pub const MOST_ELEMENTS: usize = 20_000;

/// Most attributes of one element. An XML signature declares the namespaces of all that it passed through.
pub const MOST_ATTRIBUTES: usize = 64;

/// One element.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Its namespace; empty for none.
    pub(super) space: String,
    /// Its name without prefix.
    pub(super) name: String,
    /// Its attributes with their names as written.
    pub(super) attributes: Vec<(String, String)>,
    /// The text directly in it.
    pub(super) text: String,
    /// The elements directly in it.
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Tells whether it is `name` of the namespace `space`.
    pub(super) fn is(&self, space: &str, name: &str) -> bool {
        self.name == name && self.space == space
    }

    /// Returns an attribute by the name that is written.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole document; returns its root.
pub(super) fn grow(text: &str) -> Result<Node, At> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    loop {
        let at = offset(reader.buffer_position());
        let (space, event) = match reader.read_resolved_event() {
            Ok((space, event)) => (named(&space, at)?, event),
            Err(error) => return Err(ill_formed(offset(reader.error_position()), &error)),
        };
        if matches!(event, Event::Eof) {
            return tree.finish(at);
        }
        tree.take(event, space, at)?;
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn named(space: &ResolveResult<'_>, at: usize) -> Result<String, At> {
    match space {
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Bound(space) => Ok(space.0.to_owned()),
        ResolveResult::Unknown(prefix) => Err(At::new(
            at,
            format!("前缀 {prefix:?} 没有说明是哪个命名空间"),
            format!("the prefix {prefix:?} stands for no namespace"),
        )),
    }
}

fn ill_formed(at: usize, error: &Error) -> At {
    At::new(at, format!("不是合格的 XML：{error}"), format!("not well-formed XML: {error}"))
}

/// What has grown so far.
#[derive(Default)]
struct Tree {
    /// The elements that are open, outermost first.
    open: Vec<Node>,
    root: Option<Node>,
    elements: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, space: String, at: usize) -> Result<(), At> {
        match event {
            Event::Start(start) => self.begin(&start, space, at),
            Event::Empty(start) => {
                self.begin(&start, space, at)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) if text.contains("]]>") => {
                Err(At::new(at, "文字里不能有 ]]>", "]]> cannot stand in a text"))
            }
            Event::Text(text) => self.say(&text, at),
            Event::CData(text) if self.open.is_empty() => self.say(&format!("[{}]", &*text), at),
            Event::CData(text) => self.say(&text, at),
            Event::GeneralRef(name) => {
                let character = referred(&name, at)?;
                self.say(&character.to_string(), at)
            }
            Event::DocType(_) => Err(At::new(
                at,
                "有 DOCTYPE（文档类型定义）：预警里不许有，可能是攻击",
                "a DOCTYPE: no warning may have one, it may be an attack",
            )),
            Event::Decl(_) if at > 0 => {
                Err(At::new(at, "XML 声明不在文件开头", "the XML declaration is not at the beginning"))
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>, space: String, at: usize) -> Result<(), At> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            let zh = format!("元素超过 {MOST_ELEMENTS} 个");
            return Err(At::new(at, zh, format!("more than {MOST_ELEMENTS} elements")));
        }
        if self.open.len() >= DEEPEST {
            let zh = format!("嵌套超过 {DEEPEST} 层");
            return Err(At::new(at, zh, format!("nested more than {DEEPEST} deep")));
        }
        if self.root.is_some() {
            return Err(At::new(at, "最外层元素只能有一个", "more than one outermost element"));
        }
        check_name(start.name().0, at)?;
        let node = Node {
            at,
            space,
            name: start.local_name().into_inner().to_owned(),
            attributes: attributes(start, at)?,
            ..Node::default()
        };
        self.open.push(node);
        Ok(())
    }

    fn end(&mut self) {
        let Some(node) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn say(&mut self, text: &str, at: usize) -> Result<(), At> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim_matches([' ', '\t', '\n']).is_empty() => {}
            None => {
                return Err(At::new(at, "这里不是 XML，只是文字", "text outside of all elements: no XML"));
            }
        }
        Ok(())
    }

    fn finish(self, at: usize) -> Result<Node, At> {
        if let Some(open) = self.open.last() {
            let name = &open.name;
            let zh = format!("<{name}> 没有结束：文件不完整");
            return Err(At::new(at, zh, format!("<{name}> has no end: the file is cut off")));
        }
        self.root.ok_or_else(|| At::new(at, "没有 XML 元素", "no XML element"))
    }
}

fn attributes(start: &BytesStart<'_>, at: usize) -> Result<Vec<(String, String)>, At> {
    let mut found = Vec::new();
    for attribute in start.attributes() {
        if found.len() >= MOST_ATTRIBUTES {
            let zh = format!("一个元素的属性超过 {MOST_ATTRIBUTES} 个");
            return Err(At::new(at, zh, format!("more than {MOST_ATTRIBUTES} attributes of one element")));
        }
        let attribute = attribute.map_err(|error| ill_formed(at, &error.into()))?;
        check_name(attribute.key.0, at)?;
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| ill_formed(at, &error))?;
        if attribute.value.contains('<') || !value.chars().all(is_xml) {
            return Err(At::new(
                at,
                "属性值里有不许有的字符",
                "a value of an attribute has a forbidden character",
            ));
        }
        found.push((attribute.key.0.to_owned(), value.into_owned()));
    }
    Ok(found)
}

/// Resolves one of the five entities that XML has by itself, or a character by its number.
fn referred(reference: &quick_xml::events::BytesRef<'_>, at: usize) -> Result<char, At> {
    let name: &str = reference;
    let known = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => reference.resolve_char_ref().ok().flatten().filter(|character| is_xml(*character)),
    };
    known.ok_or_else(|| {
        At::new(at, format!("不认识的实体 &{name};"), format!("&{name}; is no entity that a warning may use"))
    })
}

fn check_name(name: &str, at: usize) -> Result<(), At> {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '·'))
    };
    let mut parts = name.splitn(2, ':');
    if parts.all(part) {
        return Ok(());
    }
    Err(At::new(at, format!("{name:?} 不能作名称"), format!("{name:?} is no name of XML")))
}
