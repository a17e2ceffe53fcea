//! The lines of a batch, each as soon as its entry is read.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use mizan_schema::ErrorBody;
use serde::Serialize;

use super::together::{Bundle, Read};
use crate::error::Error;
use crate::http::Reported;
use crate::task::BoxFuture;

/// What has been read of a batch, and not been sent.
#[derive(Debug, Default)]
pub(super) struct Lines(Mutex<Unsent>);

#[derive(Debug, Default)]
struct Unsent {
    text: Vec<u8>,
    /// By position, whether its line was written.
    answered: Vec<bool>,
}

/// The line of an entry that was not read.
#[derive(Serialize)]
struct Refused<'a> {
    status: u16,
    error: &'a ErrorBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl Lines {
    /// Without a line, for so many entries.
    pub(super) fn new(entries: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Unsent { text: Vec::new(), answered: vec![false; entries] })))
    }

    /// Writes the line of an entry, at each of its positions.
    pub(super) fn answer(&self, at: &[usize], read: Read) {
        let mut rest = Vec::new();
        match read {
            Ok(Bundle { body, params, status }) => {
                rest.extend_from_slice(b",\"data\":");
                rest.extend_from_slice(&body);
                if let Some(params) = params {
                    // Percent-encoded, it needs no escapes.
                    rest.extend_from_slice(format!(",\"params\":\"{params}\"").as_bytes());
                }
                if let Some(status) = status {
                    rest.extend_from_slice(
                        format!(",\"cache\":\"{}\"", status.as_str()).as_bytes(),
                    );
                }
                rest.push(b'}');
            }
            Err(error) => {
                let Reported { status, body, retry_after } = Reported::of(error);
                let refused = Refused { status, error: &body, retry_after };
                let json = serde_json::to_vec(&refused).unwrap_or_default();
                rest.push(b',');
                rest.extend(json.into_iter().skip(1));
            }
        }
        rest.push(b'\n');
        let mut unsent = self.unsent();
        for at in at {
            if let Some(answered) = unsent.answered.get_mut(*at).filter(|answered| !**answered) {
                *answered = true;
                unsent.text.extend_from_slice(format!("{{\"e\":{at}").as_bytes());
                unsent.text.extend_from_slice(&rest);
            }
        }
    }

    /// Refuses what has no line yet, and writes the last line.
    pub(super) fn end(&self, late: impl Fn() -> Error) {
        let answered = self.unsent().answered.clone();
        for (at, _) in answered.iter().enumerate().filter(|(_, answered)| !**answered) {
            self.answer(&[at], Err(late()));
        }
        let last = format!("{{\"end\":{}}}\n", answered.len());
        self.unsent().text.extend_from_slice(last.as_bytes());
    }

    /// What has not been sent.
    pub(super) fn take(&self) -> Bytes {
        std::mem::take(&mut self.unsent().text).into()
    }

    fn unsent(&self) -> MutexGuard<'_, Unsent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lines while they are written: polls the reads, and yields what they have written since.
pub(super) struct Reading {
    pub(super) lines: Arc<Lines>,
    /// Gone when all is read.
    pub(super) work: Option<BoxFuture<'static, ()>>,
}

impl Stream for Reading {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.work.as_mut().is_some_and(|work| work.as_mut().poll(cx).is_ready()) {
            self.work = None;
        }
        let text = self.lines.take();
        match (text.is_empty(), &self.work) {
            (false, _) => Poll::Ready(Some(Ok(text))),
            (true, Some(_)) => Poll::Pending,
            (true, None) => Poll::Ready(None),
        }
    }
}
