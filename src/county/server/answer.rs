//! Answers: what is refused is said to programs by a word, and to people in both languages.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::county::ingest::IngestFault;
use crate::county::store::StoreFault;
use crate::model::Words;
use crate::wire::Refused;

/// Seconds after which somebody may ask again, where nothing is known better.
const AGAIN: u64 = 5;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct No {
    status: StatusCode,
    error: &'static str,
    words: Words,
    again: Option<u64>,
}

impl No {
    pub(super) fn new(status: StatusCode, error: &'static str, words: Words) -> Self {
        Self { status, error, words, again: None }
    }

    /// Says after how many seconds to ask again.
    pub(super) fn again(self, seconds: u64) -> Self {
        Self { again: Some(seconds), ..self }
    }

    pub(super) fn not_found() -> Self {
        let words = Words::new("没有这个", "there is no such thing");
        Self::new(StatusCode::NOT_FOUND, "not_found", words)
    }

    pub(super) fn not_allowed() -> Self {
        let words = Words::new("这里不能这样做", "this cannot be done here");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", words)
    }

    pub(super) fn malformed() -> Self {
        let words = Words::new("内容读不懂", "this cannot be read");
        Self::new(StatusCode::BAD_REQUEST, "malformed", words)
    }

    pub(super) fn too_big() -> Self {
        let words = Words::new("太大了", "too big");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_big", words)
    }

    pub(super) fn too_slow() -> Self {
        let words = Words::new("等了太久，内容没有到齐", "it did not arrive in time");
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", words)
    }

    pub(super) fn too_often() -> Self {
        let words = Words::new("问得太频繁了", "too many requests");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_often", words).again(AGAIN)
    }

    pub(super) fn busy() -> Self {
        let words = Words::new("正忙，请稍后再来", "busy, please come again later");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", words).again(AGAIN)
    }

    pub(super) fn no_root() -> Self {
        let words = Words::new(
            "县里还没有根文件：先 dalaba keys rotate、dalaba keys sign",
            "the county has no root yet: dalaba keys rotate and dalaba keys sign come first",
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_root", words).again(60)
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let refused = Refused { error: self.error.to_owned(), zh: self.words.zh, en: self.words.en };
        let mut response = (self.status, Json(refused)).into_response();
        if let Some(seconds) = self.again {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreFault> for No {
    /// Who asks from outside is not told what is wrong with the database; the log is.
    fn from(fault: StoreFault) -> Self {
        tracing::error!(%fault, "the store");
        let words = Words::new(
            "数据库暂时不能用，请稍后再来",
            "the database cannot be used for now, come again later",
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store", words).again(AGAIN)
    }
}

impl From<IngestFault> for No {
    fn from(fault: IngestFault) -> Self {
        let words = fault.words();
        match fault {
            IngestFault::Broken => Self::new(StatusCode::BAD_REQUEST, "broken_chain", words),
            IngestFault::Gap(_) => Self::new(StatusCode::CONFLICT, "gap", words),
            IngestFault::Fork(_) => Self::new(StatusCode::CONFLICT, "fork", words),
            IngestFault::Store(fault) => fault.into(),
        }
    }
}
