//! Where a user is signed in: the sessions of the framework, as a list that can be shortened.

use jiff::Timestamp;
use mizan_core::{RawRequest, Result, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::DevicesContext;

/// A browser that is signed in.
#[derive(Serialize, JsonSchema)]
pub struct Device {
    id: String,
    /// `Firefox on Linux`.
    label: String,
    /// When it signed in, RFC 3339.
    started: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// As many sessions as one user has at most, each with as many pairs of tokens as it has at most.
const MOST: usize = 100 * 17;

/// Where the caller is signed in, the newest first. It looks at the session, so it is never cached.
#[client(context = DevicesContext, auth)]
pub async fn devices_list(request: &RawRequest) -> Result<Vec<Device>> {
    let current = request.session().id();
    let subject = request.identity()?.subject();
    let sessions = request.session().list(subject, 0, MOST).await?;
    // Sessions with a parent are tokens of a device, and end with it.
    let devices = sessions.into_iter().filter(|(_, session)| session.parent.is_none());
    let device = |(id, session): (String, mizan_core::Session)| {
        let started = Timestamp::from_second(i64::try_from(session.started)?)?.to_string();
        Ok(Device { current: current.as_ref() == Some(&id), id, label: session.label, started })
    };
    devices.map(device).collect()
}

/// Signs a device of the caller out; it notices with its next request.
#[client(auth, affects = DevicesContext)]
pub async fn end_device(request: &RawRequest, id: String) -> Result<()> {
    let session = request.session();
    if session.id().as_ref() == Some(&id) {
        session.sign_out().await
    } else {
        session.end(request.identity()?.subject(), &id).await
    }
}

/// What a browser is called in the list, from its `User-Agent`. Nearly every browser names others as
/// well, so the order matters.
pub fn label(user_agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}
