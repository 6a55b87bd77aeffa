//! The elements directly in another one: which may be there, how often, in which order.

use super::fault::At;
use super::tree::Node;

/// The namespace of XML signatures. They are let pass and not looked at: what a station believes is the county's signature.
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// One element that may stand in another, in the order of the schema.
#[derive(Clone, Copy)]
pub(super) struct Part {
    name: &'static str,
    many: bool,
}

/// May stand once.
pub(super) const fn once(name: &'static str) -> Part {
    Part { name, many: false }
}

/// May stand several times.
pub(super) const fn many(name: &'static str) -> Part {
    Part { name, many: true }
}

/// An element whose parts were looked through.
pub(super) struct Parts<'a> {
    node: &'a Node,
}

impl<'a> Parts<'a> {
    /// Looks through the parts of `node`: what stands twice and may not is refused, what nobody knows is passed over and
    /// remarked, as is a wrong order.
    pub(super) fn of(node: &'a Node, known: &[Part], remarks: &mut Vec<At>) -> Result<Self, At> {
        let (mut last, mut seen) = (0, vec![false; known.len()]);
        for child in node.children.iter().filter(|child| child.space != SIGNATURE) {
            let name = &child.name;
            let place = known.iter().position(|part| part.name == *name && child.space == node.space);
            let Some(place) = place else {
                let zh = format!("<{name}> 不在标准里，不看");
                remarks.push(At::new(child.at, zh, format!("<{name}> is not in the standard: passed over")));
                continue;
            };
            if seen[place] && !known[place].many {
                let zh = format!("<{name}> 只能有一个");
                return Err(At::new(child.at, zh, format!("<{name}> stands more than once")));
            }
            if place < last {
                let zh = format!("<{name}> 的位置不合标准");
                remarks.push(At::new(child.at, zh, format!("<{name}> is not where the standard has it")));
            }
            seen[place] = true;
            last = last.max(place);
        }
        Ok(Self { node })
    }

    /// Returns all elements of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a Node> {
        let node = self.node;
        node.children.iter().filter(move |child| child.name == name && child.space == node.space)
    }

    /// Returns the text of an element that may be absent.
    pub(super) fn maybe(&self, name: &str) -> Result<Option<(&'a str, usize)>, At> {
        self.all(name).next().map(|child| Ok((text(child)?, child.at))).transpose()
    }

    /// Returns the text of an element, empty if it is absent.
    pub(super) fn text(&self, name: &str) -> Result<String, At> {
        Ok(self.maybe(name)?.map(|(text, _)| text.to_owned()).unwrap_or_default())
    }

    /// Returns the text of an element that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<(&'a str, usize), At> {
        self.maybe(name)?.filter(|(text, _)| !text.is_empty()).ok_or_else(|| {
            let at = self.all(name).next().map_or(self.node.at, |child| child.at);
            At::new(at, format!("<{name}> 没有写"), format!("<{name}> is missing or empty"))
        })
    }

    /// Returns what a reader of closed lists makes of an element that must be there.
    pub(super) fn one_of<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, At> {
        let (text, at) = self.needed(name)?;
        read(text).ok_or_else(|| no_value(name, text, at))
    }
}

pub(super) fn no_value(name: &str, text: &str, at: usize) -> At {
    At::new(
        at,
        format!("<{name}> 不能是 {text:?}"),
        format!("{text:?} is no value of <{name}> in this version of CAP"),
    )
}

/// Returns the text of an element that holds nothing else.
pub(super) fn text(node: &Node) -> Result<&str, At> {
    match node.children.first() {
        None => Ok(node.text.trim()),
        Some(child) => {
            let (name, inner) = (&node.name, &child.name);
            let zh = format!("<{name}> 里只能是文字，不能有 <{inner}>");
            Err(At::new(child.at, zh, format!("<{name}> holds text only, no <{inner}>")))
        }
    }
}
