//! Bytes → text: the encodings in which offices send, and no byte that does not belong there.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, WINDOWS_1252};

use crate::model::Words;

use super::fault::{At, Fault};

/// Largest file, in bytes. The largest that the United States' public system sent, with a recording in it, has 459,263.
pub const LARGEST: usize = 1024 * 1024;

/// Bytes in which an XML declaration must end.
const DECLARATION: usize = 256;

/// Decodes a file, and gives all its lines one kind of end, as XML asks for.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Fault> {
    if bytes.len() > LARGEST {
        let words = Words::new(
            format!("文件有 {} 字节，超过 1 MiB", bytes.len()),
            format!("{} bytes are more than 1 MiB", bytes.len()),
        );
        return Err(Fault::new("", 0, words));
    }
    let (encoding, body) = encoding(bytes).map_err(|fault| fault.in_text(""))?;
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or_else(|| undecodable(encoding, body))?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match text.char_indices().find(|(_, character)| !is_xml(*character)) {
        None => Ok(text),
        Some((at, character)) => {
            let code = format!("U+{:04X}", u32::from(character));
            let words = Words::new(
                format!("{code} 这个字符不能出现在 XML 里"),
                format!("{code} is no character of XML"),
            );
            Err(Fault::new(&text, at, words))
        }
    }
}

/// Tells whether XML 1.0 has the character at all.
pub(super) fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn encoding(bytes: &[u8]) -> Result<(&'static Encoding, &[u8]), At> {
    let marked = Encoding::for_bom(bytes);
    let body = marked.map_or(bytes, |(_, length)| &bytes[length..]);
    // In UTF-16 the declaration cannot be read as bytes, and need not: the mark has said it.
    if let Some((encoding, _)) = marked.filter(|(encoding, _)| *encoding != UTF_8) {
        return Ok((encoding, body));
    }
    let Some(label) = declared(body) else { return Ok((UTF_8, body)) };
    let known = known(&label).ok_or_else(|| {
        At::new(
            0,
            format!("不收 {label:?} 编码；请用 UTF-8 或 GB18030"),
            format!("the encoding {label:?} is not read; use UTF-8 or GB18030"),
        )
    })?;
    if marked.is_some() && known != UTF_8 {
        let zh = format!("文件以 UTF-8 的标记开头，却说是 {label:?}");
        return Err(At::new(0, zh, format!("the file begins with the mark of UTF-8, and says {label:?}")));
    }
    Ok((known, body))
}

fn known(label: &str) -> Option<&'static Encoding> {
    match label.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Some(UTF_8),
        // The characters that the two do not share are controls, which no warning has.
        "iso-8859-1" | "iso8859-1" | "latin1" | "windows-1252" => Some(WINDOWS_1252),
        "gb18030" | "gbk" | "gb2312" | "gb_2312-80" => Some(GB18030),
        "big5" => Some(BIG5),
        _ => None,
    }
}

/// Reads `encoding="…"` of the declaration.
fn declared(body: &[u8]) -> Option<String> {
    let head = &body[..body.len().min(DECLARATION)];
    let inside = head.strip_prefix(b"<?xml")?;
    let end = inside.windows(2).position(|two| two == b"?>")?;
    let inside = std::str::from_utf8(&inside[..end]).ok()?;
    let (_, after) = inside.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_owned())
}

fn undecodable(encoding: &'static Encoding, body: &[u8]) -> Fault {
    let name = encoding.name();
    let words = Words::new(format!("有的字节不是 {name}"), format!("there are bytes that are not {name}"));
    let good = std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
    let good = if encoding == UTF_8 { good } else { 0 };
    let text = std::str::from_utf8(&body[..good]).unwrap_or_default();
    Fault::new(text, text.len(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared_as(encoding: &str, text: &str) -> Vec<u8> {
        let text = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\r\n<a>{text}</a>");
        Encoding::for_label(encoding.as_bytes()).unwrap().encode(&text).0.into_owned()
    }

    #[test]
    fn every_encoding_that_offices_use_is_read() {
        for encoding in ["UTF-8", "gb2312", "GBK", "GB18030", "Big5"] {
            assert!(decode(&declared_as(encoding, "暴雨")).unwrap().ends_with("\n<a>暴雨</a>"), "{encoding}");
        }
        assert!(decode(&declared_as("ISO-8859-1", "séisme")).unwrap().contains("séisme"));
        assert_eq!(decode("\u{feff}<a/>".as_bytes()).unwrap(), "<a/>");
        for (mark, encode) in
            [([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xfe, 0xff], u16::to_be_bytes)]
        {
            let bytes = mark.into_iter().chain("<a>雨</a>".encode_utf16().flat_map(encode));
            assert_eq!(decode(&bytes.collect::<Vec<_>>()).unwrap(), "<a>雨</a>");
        }
    }

    #[test]
    fn bytes_that_do_not_belong_are_refused_where_they_stand() {
        let fault = decode(b"<a>\n  \xff</a>").unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 3));
        let fault = decode("<a>\u{1}</a>".as_bytes()).unwrap_err();
        assert_eq!((fault.line, fault.column), (1, 4));
        assert!(decode(&declared_as("EUC-JP", "暴雨")).is_err(), "not a list of everything there is");
        assert!(decode(b"\xef\xbb\xbf<?xml version='1.0' encoding='gbk'?><a/>").is_err());
        assert!(decode(&vec![b' '; LARGEST + 1]).is_err());
    }
}
