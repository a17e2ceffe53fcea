//! A page as it is kept: its bytes as they are and compressed, each with its tag, prepared once.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::http::{Coding, HeaderName, ProtocolHeader, Response};
use crate::secret;

/// Brotli's quality: of the middle, since pages are rendered often and are not large.
const BROTLI_QUALITY: i32 = 6;
/// Brotli's window, as the logarithm of its bytes: that of its own tool.
const BROTLI_WINDOW: i32 = 22;

/// What is kept next to the bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    tag: String,
    /// When it was rendered, in milliseconds since the epoch.
    at: u64,
    headers: Vec<(String, String)>,
    /// How many bytes there are as they are, by gzip and by brotli.
    lengths: [usize; 3],
}

/// A page that is kept.
#[derive(Debug)]
pub(crate) struct StoredPage {
    head: Head,
    bodies: [Bytes; 3],
}

impl StoredPage {
    /// Prepares a page. It costs a compression by gzip and one by brotli.
    pub(crate) fn new(html: String, headers: Vec<(String, String)>, at: u64) -> Self {
        let tag = secret::hex(&Sha256::digest(&html)[..8]);
        let (gzip, brotli) = (gzip(html.as_bytes()), brotli(html.as_bytes()));
        let bodies = [Bytes::from(html), gzip.into(), brotli.into()];
        let lengths = [bodies[0].len(), bodies[1].len(), bodies[2].len()];
        Self { head: Head { tag, at, headers, lengths }, bodies }
    }

    /// The bytes under which a cache keeps it: a line of JSON, then the bodies.
    pub(crate) fn encode(&self) -> Bytes {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        self.bodies.iter().for_each(|body| bytes.extend_from_slice(body));
        bytes.into()
    }

    /// Reads it back; `None` for bytes of another form.
    pub(crate) fn decode(bytes: &Bytes) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let mut rest = bytes.slice(end + 1..);
        let mut bodies = [Bytes::new(), Bytes::new(), Bytes::new()];
        for (body, length) in bodies.iter_mut().zip(head.lengths) {
            *body = (length <= rest.len()).then(|| rest.split_to(length))?;
        }
        rest.is_empty().then_some(Self { head, bodies })
    }

    /// The page as it is.
    pub(crate) fn html(&self) -> &Bytes {
        &self.bodies[0]
    }

    /// The response to a request that takes this coding, and holds pages with these tags.
    pub(crate) fn respond(&self, coding: Option<Coding>, held: Option<&str>) -> Response {
        let (at, suffix) = match coding {
            None => (0, ""),
            Some(Coding::Gzip) => (1, "-gzip"),
            Some(Coding::Brotli) => (2, "-br"),
        };
        let tag = format!("\"{}{suffix}\"", self.head.tag);
        let is_held = held.is_some_and(|held| names(held, &tag));
        let mut response = if is_held {
            Response::html(Bytes::new()).with_status(304)
        } else {
            Response::html(self.bodies[at].clone())
        };
        for (name, value) in &self.head.headers {
            response.set(HeaderName::of(name.clone().into()), value.clone().into());
        }
        if let Some(coding) = coding.filter(|_| !is_held) {
            response = response.with(ProtocolHeader::ContentEncoding, coding.as_str());
        }
        response
            .with_cache_control("no-cache")
            .with(ProtocolHeader::ETag, tag)
            .with(ProtocolHeader::Vary, "accept-encoding")
    }
}

/// Whether a value of `If-None-Match` names a tag (RFC 9110, section 13.1.2: the comparison is weak).
fn names(held: &str, tag: &str) -> bool {
    held.trim() == "*"
        || held.split(',').map(str::trim).any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut from = bytes;
    // Writing into memory does not fail.
    let _ = brotli::BrotliCompress(&mut from, &mut out, &params);
    out
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn page() -> StoredPage {
        let html = format!("<p>{}</p>", "tea ".repeat(1_000));
        StoredPage::new(html, vec![("link".into(), "</a.js>; rel=modulepreload".into())], 7)
    }

    #[test]
    fn a_page_reads_back_as_it_was_prepared() {
        let (page, read) = (page(), StoredPage::decode(&page().encode()).unwrap());
        assert_eq!((page.bodies, 7), (read.bodies.clone(), read.head.at));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&read.bodies[1][..]).read_to_string(&mut text).unwrap();
        let mut other = Vec::new();
        brotli::BrotliDecompress(&mut &read.bodies[2][..], &mut other).unwrap();
        assert_eq!((text.as_bytes(), &other[..]), (&read.html()[..], &read.html()[..]));
        assert!(read.bodies[2].len() < 100 && read.bodies[1].len() < 100);
    }

    #[test]
    fn bytes_of_another_form_are_no_page() {
        let whole = page().encode();
        for length in 0..whole.len().min(400) {
            assert!(StoredPage::decode(&whole.slice(..length)).is_none(), "{length}");
        }
        assert!(StoredPage::decode(&whole.slice(..whole.len() - 1)).is_none());
        assert!(StoredPage::decode(&Bytes::from([&whole[..], b"x"].concat())).is_none());
    }

    #[test]
    fn each_coding_has_a_tag_and_what_is_held_is_not_sent_again() {
        let page = page();
        let tag = &*page.head.tag;
        for (coding, held, status) in [
            (None, None, 200),
            (None, Some(format!("\"{tag}\"")), 304),
            (None, Some(format!("\"x\", W/\"{tag}\"")), 304),
            (None, Some("*".into()), 304),
            (None, Some(format!("\"{tag}-br\"")), 200),
            (Some(Coding::Brotli), Some(format!("\"{tag}-br\"")), 304),
            (Some(Coding::Brotli), Some(format!("\"{tag}-gzip\"")), 200),
            (Some(Coding::Gzip), Some(tag.to_owned()), 200),
        ] {
            let response = page.respond(coding, held.as_deref());
            assert_eq!(response.status(), status, "{coding:?} {held:?}");
            assert_eq!(response.body().is_empty(), status == 304);
            assert_eq!(response.header("cache-control"), Some("no-cache"));
            assert_eq!(response.header("vary"), Some("accept-encoding"));
            assert_eq!(response.header("link"), Some("</a.js>; rel=modulepreload"));
            let encoding = coding.filter(|_| status == 200).map(Coding::as_str);
            assert_eq!(response.header("content-encoding"), encoding);
            assert_eq!(
                response.headers().filter(|(name, _)| name.as_str() == "cache-control").count(),
                1
            );
        }
    }
}
