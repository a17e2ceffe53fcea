//! What differs between two runs of one backend: dates, random ids and tokens. `Connection` is left out
//! too: it belongs to one hop, and whether a connection with an unread body is closed or read on is a
//! choice of the HTTP library. Everything else is compared as it is.

use serde_json::Value;

use crate::client::Response;

/// Members whose text is random.
const RANDOM: &[&str] = &["csrfToken", "access", "refresh", "token"];

/// A response as it is compared. The order of headers means nothing.
pub(super) fn masked(response: &Response) -> String {
    let mut headers: Vec<String> = response
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| name != "date" && name != "connection")
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => format!("{name}: {}\n", cookie(value)),
            _ => format!("{name}: {value}\n"),
        })
        .collect();
    headers.sort();
    format!("{}\n{}\n{}", response.status, headers.concat(), body(response))
}

/// A cookie without its value, unless it is empty.
fn cookie(value: &str) -> String {
    let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
    let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
    format!("{name}={}; {attributes}", if text.is_empty() { "" } else { "(random)" })
}

/// The bytes of the body, with random texts replaced.
fn body(response: &Response) -> String {
    let mut body = response.body.escape_ascii().to_string();
    let Some(json) = response.json() else { return body };
    let mut texts = Vec::new();
    find(&json, &mut texts);
    for text in texts {
        body = body.replace(&text, "(random)");
    }
    body
}

fn find(json: &Value, texts: &mut Vec<String>) {
    texts.extend(json["error"]["details"]["id"].as_str().map(str::to_owned));
    texts.extend(RANDOM.iter().filter_map(|name| Some(json[name].as_str()?.to_owned())));
    texts.retain(|text| text.len() > 8);
}
