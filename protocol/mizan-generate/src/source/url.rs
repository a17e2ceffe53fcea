//! A document over HTTP. The configuration has made sure that the URL is https or this machine.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{SourceError, read_capped};

const TIMEOUT: Duration = Duration::from_secs(30);

/// The content of a URL. No redirect is followed: it could lead to a place that was not allowed.
pub(super) fn read(url: &str, sha256: Option<&str>) -> Result<Vec<u8>, SourceError> {
    let failed = |error: String| {
        SourceError::new(
            format!("cannot read {url}: {error}"),
            "see that the backend runs, and that it is built with `.expose_schema(true)`",
        )
    };
    if url.starts_with("https:") && cfg!(not(feature = "https")) {
        return Err(SourceError::new(
            format!("cannot read {url}: this build of mizan-generate has no TLS"),
            "install it with `cargo install mizan-generate --features https`, or use `command` or `file`",
        ));
    }
    let mut settings = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
    if url.starts_with("http:") {
        settings = settings.proxy(None);
    }
    let agent: ureq::Agent = settings.build().into();
    let answer = agent.get(url).call().map_err(|error| failed(error.to_string()))?;
    if answer.status() != 200 {
        return Err(failed(format!("the response is {}", answer.status())));
    }
    let body = answer.into_body().into_reader();
    let text = read_capped(body, 0, url).map_err(|error| failed(error.to_string()))??;
    match sha256 {
        Some(pinned) => check(url, text, pinned),
        None => Ok(text),
    }
}

fn check(url: &str, text: Vec<u8>, pinned: &str) -> Result<Vec<u8>, SourceError> {
    let found: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    if found == pinned {
        return Ok(text);
    }
    Err(SourceError::new(
        format!("the document at {url} is not the pinned one: its sha256 is {found}"),
        "see what changed in it, then write the new hash into `sha256`",
    ))
}
