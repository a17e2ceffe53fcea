//! The lines of the protocol.

use serde::Deserialize;

use crate::render::{Missed, Rendered};

/// What a worker sends.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    Ready { components: Vec<String> },
    Page { request: u64, page: Rendered },
    Error { request: u64, message: String, stack: Option<String> },
    Pong { request: u64, rss: u64 },
}

#[derive(Deserialize)]
struct Line {
    id: u64,
    #[serde(default)]
    ready: bool,
    #[serde(default)]
    components: Vec<String>,
    html: Option<String>,
    #[serde(default)]
    head: String,
    #[serde(default)]
    missed: Vec<Missed>,
    error: Option<String>,
    stack: Option<String>,
    #[serde(default)]
    pong: bool,
    #[serde(default)]
    rss: u64,
}

impl Message {
    /// None where the line is not of this protocol.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        let line: Line = serde_json::from_slice(line).ok()?;
        let request = line.id;
        if line.ready && request == 0 {
            return Some(Self::Ready { components: line.components });
        }
        if let Some(message) = line.error {
            return Some(Self::Error { request, message, stack: line.stack });
        }
        if line.pong {
            return Some(Self::Pong { request, rss: line.rss });
        }
        let page = Rendered { html: line.html?, head: line.head, missed: line.missed };
        Some(Self::Page { request, page })
    }
}

/// The number at the beginning of a line that was too long to keep.
pub(crate) fn number(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let digits = text.trim_start().strip_prefix("{\"id\":")?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit())?;
    digits[..end].parse().ok()
}

/// The line of a render before and after its parameters.
pub(crate) fn render(request: u64) -> String {
    format!("{{\"id\":{request},\"method\":\"render\",\"params\":")
}

pub(crate) const END_OF_RENDER: &[u8] = b"}\n";

pub(crate) fn ping(request: u64) -> String {
    format!("{{\"id\":{request},\"method\":\"ping\"}}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Message, number};
    use crate::render::{Missed, Rendered};

    #[test]
    fn each_line_of_a_worker_is_read() {
        let check = |line: &str, expected: Option<Message>| {
            assert_eq!(Message::read(line.as_bytes()), expected, "{line}");
        };
        let page = |html: &str, head: &str, missed: Vec<Missed>| {
            let (html, head) = (html.to_owned(), head.to_owned());
            Some(Message::Page { request: 7, page: Rendered { html, head, missed } })
        };
        let error = |stack: Option<&str>| {
            let stack = stack.map(str::to_owned);
            Some(Message::Error { request: 7, message: "x".into(), stack })
        };
        check(
            r#"{"id":0,"ready":true,"components":["A"]}"#,
            Some(Message::Ready { components: vec!["A".into()] }),
        );
        check(r#"{"id":0,"ready":true}"#, Some(Message::Ready { components: vec![] }));
        check(r#"{"id":7,"html":""}"#, page("", "", vec![]));
        check(r#"{"id":7,"html":"<p>","head":"<title>"}"#, page("<p>", "<title>", vec![]));
        let missed = Missed { context: "stall".into(), params: json!({ "id": 1 }) };
        check(
            r#"{"id":7,"html":"a","missed":[{"context":"stall","params":{"id":1}}]}"#,
            page("a", "", vec![missed]),
        );
        check(r#"{"id":7,"error":"x"}"#, error(None));
        check(r#"{"id":7,"error":"x","stack":"at y"}"#, error(Some("at y")));
        check(r#"{"id":7,"pong":true,"rss":5}"#, Some(Message::Pong { request: 7, rss: 5 }));
        for line in
            ["", "{}", r#"{"id":7}"#, r#"{"id":-1,"html":""}"#, r#"{"id":7,"html":5}"#, "[]"]
        {
            check(line, None);
        }
    }

    #[test]
    fn the_number_of_a_long_line_is_at_its_beginning() {
        let check = |head: &str, expected: Option<u64>| {
            assert_eq!(number(head.as_bytes()), expected, "{head}")
        };
        check(r#"{"id":42,"html":"xx"#, Some(42));
        check(r#"{"html":"{\"id\":42,"#, None);
        check(r#"{"id":42"#, None);
        check("", None);
    }
}
