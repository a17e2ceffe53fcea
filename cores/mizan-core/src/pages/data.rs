//! What a page holds for its component, as JSON inside of HTML.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::view::PageView;

/// A bundle that was read for a page.
#[derive(Debug, Clone)]
pub(crate) struct PageBundle {
    /// The wire name of the context.
    pub(crate) context: String,
    pub(crate) params: Map<String, Value>,
    /// The JSON of the bundle.
    pub(crate) data: Bytes,
}

/// The list of bundles as JSON: `[{"context", "params", "data"}]`, as a client is hydrated with.
pub(crate) fn list(bundles: &[PageBundle]) -> String {
    let one = |bundle: &PageBundle| {
        let context = Value::from(&*bundle.context);
        let params = Value::from(bundle.params.clone());
        let data = String::from_utf8_lossy(&bundle.data);
        format!("{{\"context\":{context},\"params\":{params},\"data\":{data}}}")
    };
    format!("[{}]", bundles.iter().map(one).collect::<Vec<_>>().join(","))
}

/// Everything that the browser needs to begin where the server has ended:
/// `{"component", "props", "data"}`.
pub(crate) fn whole(page: &PageView, props: &str, list: &str) -> String {
    let component = Value::from(&*page.component);
    format!("{{\"component\":{component},\"props\":{props},\"data\":{list}}}")
}

/// JSON that may stand inside of a `<script>`: `<`, `>`, `&` and the line ends U+2028 and U+2029 are written as escapes
/// of JSON, so that nothing in it ends the element or begins a comment
/// (<https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>).
pub(crate) fn escaped(json: &str) -> Cow<'_, str> {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        match character {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_escaped_is_the_same_value_and_nothing_of_html(text in "(?s)(<|/|script|!--|>|&|\u{2028}|\u{2029}|\\\\|\"|.){0,40}") {
            let value = Value::from(text);
            let json = value.to_string();
            let escaped = escaped(&json);
            // `prop_assert!` takes its text for a format, and braces in it for arguments.
            let special = ['<', '>', '&', '\u{2028}', '\u{2029}'];
            prop_assert!(!escaped.contains(special));
            prop_assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
        }
    }

    #[test]
    fn a_page_holds_each_value_once() {
        let page =
            crate::view::View::page("Stall", serde_json::json!({ "id": 1 })).take_page().unwrap();
        let bundle = PageBundle {
            context: "stall".into(),
            params: [("stall_id".to_owned(), Value::from(1))].into_iter().collect(),
            data: Bytes::from_static(b"{\"stall\":{\"name\":\"Tea\"}}"),
        };
        let text = whole(&page, page.props.as_ref().unwrap(), &list(&[bundle]));
        let expected = r#"{"component":"Stall","props":{"id":1},"data":[{"context":"stall","params":{"stall_id":1},"data":{"stall":{"name":"Tea"}}}]}"#;
        assert_eq!(text, expected);
    }
}
