//! Files of bundles, whole or in part, so that a download goes on where a bad link has cut it.

use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;

use super::answer::No;
use super::office::{Asker, Office};
use crate::county::store::{PIECE, StoreFault};
use crate::model::{Digest, Words};

/// Largest file that is kept in memory, in bytes: one piece of the store at the most.
const SMALL: u64 = 64 * 1024;
const _: () = assert!(SMALL <= PIECE as u64);

/// A file that is here.
enum Held {
    Small(Bytes),
    /// Its size.
    Large(u64),
}

/// What of a file is asked for: from this byte, and up to but without that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    From(u64, u64),
    Nothing,
}

/// `GET /v1/files/SHA256`
pub(super) async fn get(
    State(office): State<Arc<Office>>,
    _: Asker,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, No> {
    let file: Digest = name.parse().map_err(|_| No::not_found())?;
    let held = find(&office, file).await?;
    let size = match &held {
        Held::Small(bytes) => bytes.len() as u64,
        Held::Large(size) => *size,
    };
    let tag = format!("\"{file}\"");
    let about = [(ETAG, tag.clone()), (ACCEPT_RANGES, "bytes".to_owned())];
    let kind = [(CONTENT_TYPE, "application/octet-stream")];
    let (status, from, until) = match part(&headers, &tag, size) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::From(from, until) => (StatusCode::PARTIAL_CONTENT, from, until),
        Part::Nothing => {
            let words = Words::new("文件没有这么长", "the file is not so long");
            let no = No::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", words);
            return Ok((about, [(CONTENT_RANGE, format!("bytes */{size}"))], no).into_response());
        }
    };
    let length = [(CONTENT_LENGTH, (until - from).to_string())];
    let body = match held {
        // It fits into memory, and so do its places.
        Held::Small(bytes) => Body::from(bytes.slice(within(from)..within(until))),
        Held::Large(_) => bytes_of(office, file, from, until),
    };
    let mut response = (status, about, kind, length, body).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        // Digits, slashes and blanks alone.
        let range = format!("bytes {from}-{}/{size}", until - 1).parse().map_err(|_| No::busy())?;
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    Ok(response)
}

/// Finds a file; a small one whole, and in memory if it was asked for lately: all villages ask for a playlist in one moment.
async fn find(office: &Office, file: Digest) -> Result<Held, No> {
    let files = || office.files.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = files().get(&file).cloned() {
        return Ok(Held::Small(bytes));
    }
    let size = office.store.size_of(&file).await?.ok_or_else(No::not_found)?;
    if size == 0 || size > SMALL {
        return Ok(Held::Large(size));
    }
    let bytes: Bytes = office.store.piece(&file, 0).await?.ok_or(StoreFault::Damaged("file"))?.into();
    if bytes.len() as u64 != size {
        return Err(StoreFault::Damaged("file").into());
    }
    files().insert(file, bytes.clone());
    Ok(Held::Small(bytes))
}

fn within(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// Reads piece by piece, each when the one before has gone out.
fn bytes_of(office: Arc<Office>, file: Digest, from: u64, until: u64) -> Body {
    let next = move |(office, at): (Arc<Office>, u64)| async move {
        if at >= until {
            return Ok::<_, StoreFault>(None);
        }
        let (place, skip) = (at / PIECE as u64, usize::try_from(at % PIECE as u64).unwrap_or_default());
        let piece = office.store.piece(&file, place).await?.ok_or(StoreFault::Damaged("file"))?;
        let wanted = usize::try_from(until - at).unwrap_or(usize::MAX);
        let bytes = Bytes::from(piece);
        let end = bytes.len().min(skip.saturating_add(wanted));
        if end <= skip {
            return Err(StoreFault::Damaged("file"));
        }
        let part = bytes.slice(skip..end);
        let after = at + part.len() as u64;
        Ok(Some((part, (office, after))))
    };
    Body::from_stream(stream::try_unfold((office, from), next))
}

/// Reads `Range`, unless it is meant for another file. Several ranges at once are answered with the whole.
fn part(headers: &HeaderMap, tag: &str, size: u64) -> Part {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let range = text(RANGE).filter(|_| text(IF_RANGE).is_none_or(|wanted| wanted == tag));
    let Some((from, to)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    let (from, to) = (from.trim(), to.trim());
    let number = |text: &str| text.parse::<u64>().ok();
    match (number(from), number(to)) {
        (Some(from), _) if from >= size => Part::Nothing,
        (Some(from), Some(to)) if to >= from => Part::From(from, to.saturating_add(1).min(size)),
        (Some(from), None) if to.is_empty() => Part::From(from, size),
        (None, Some(0)) if from.is_empty() => Part::Nothing,
        (None, Some(last)) if from.is_empty() && size > 0 => Part::From(size.saturating_sub(last), size),
        _ => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        part(&headers, "\"a\"", 10)
    }

    #[test]
    fn a_range_is_read_as_http_has_it() {
        assert_eq!(asked("bytes=0-3"), Part::From(0, 4));
        assert_eq!(asked("bytes=4-"), Part::From(4, 10));
        assert_eq!(asked("bytes=4-99"), Part::From(4, 10));
        assert_eq!(asked("bytes=-3"), Part::From(7, 10));
        assert_eq!(asked("bytes=-99"), Part::From(0, 10));
        assert_eq!(asked("bytes=10-"), Part::Nothing);
        assert_eq!(asked("bytes=-0"), Part::Nothing);
        for odd in ["bytes=3-1", "bytes=0-1,3-4", "lines=0-1", "bytes=", "bytes=a-b"] {
            assert_eq!(asked(odd), Part::Whole, "{odd}");
        }
    }

    #[test]
    fn a_range_of_another_file_is_answered_with_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, "bytes=4-".parse().unwrap());
        headers.insert(IF_RANGE, "\"b\"".parse().unwrap());
        assert_eq!(part(&headers, "\"a\"", 10), Part::Whole);
    }
}
