//! Responses of before in place of those of now: what a wrong cache does.

use super::{Memory, Seen};
use crate::client::Response;

/// The path and query alone: old data, and data of others.
pub(super) fn by_target(memory: &Memory, seen: &Seen, response: &mut Response) {
    if seen.method == "GET" && response.status == 200 {
        *response = memory.first(seen.target.clone(), response);
    }
}

/// A refusal becomes what was given before, whoever asked for it.
pub(super) fn before_the_guard(memory: &Memory, seen: &Seen, response: &mut Response) {
    match response.status {
        200 if seen.method == "GET" => drop(memory.first(seen.target.clone(), response)),
        401 | 403 => {
            if let Some(kept) = memory.kept(&seen.target) {
                *response = kept;
            }
        }
        _ => {}
    }
}

/// An error is given again after its cause is gone.
pub(super) fn of_errors(memory: &Memory, seen: &Seen, response: &mut Response) {
    if seen.method == "GET" && response.status >= 400 {
        memory.first(seen.target.clone(), response);
    } else if let Some(kept) = memory.kept(&seen.target) {
        *response = kept;
    }
}

/// A hit is one only for the same text of the query.
pub(super) fn of_spellings(memory: &Memory, seen: &Seen, response: &mut Response) {
    let is_new = memory.kept(&seen.target).is_none();
    memory.first(seen.target.clone(), response);
    if is_new {
        super::header(response, "x-mizan-cache", |_| "MISS".into());
    }
}

/// What a credential has opened once, it opens for ever.
pub(super) fn by_credential(memory: &Memory, seen: &Seen, response: &mut Response) {
    let credential = seen.header("authorization");
    let body = String::from_utf8_lossy(&seen.body);
    if credential.is_empty() {
        return;
    }
    let key = format!("{} {credential} {body}", seen.target);
    match response.status {
        200 => drop(memory.first(key, response)),
        _ => *response = memory.kept(&key).unwrap_or_else(|| response.clone()),
    }
}

/// A refresh token is good as often as it comes.
pub(super) fn of_refreshes(memory: &Memory, seen: &Seen, response: &mut Response) {
    if !seen.target.contains("/session/refresh") {
        return;
    }
    let key = String::from_utf8_lossy(&seen.body).into_owned();
    match response.status {
        200 => drop(memory.first(key, response)),
        _ => *response = memory.kept(&key).unwrap_or_else(|| response.clone()),
    }
}
