//! The settings of the cache, by the environment.

use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

use mizan_core::{CachePolicy, Consistency, IfMarkFails, IfUnmarkFails};

/// The default settings, except for those that the environment names.
pub(super) fn policy() -> Result<CachePolicy, Box<dyn Error>> {
    let mut policy = CachePolicy { audit: setting("CACHE_AUDIT")?, ..CachePolicy::default() };
    for (name, time) in [
        ("CACHE_LEASE_MS", &mut policy.lease),
        ("CACHE_SETTLE_MS", &mut policy.settle),
        ("CACHE_READ_TIMEOUT_MS", &mut policy.read_timeout),
        ("CACHE_WRITE_TIMEOUT_MS", &mut policy.write_timeout),
        ("CACHE_BREAKER_PAUSE_MS", &mut policy.breaker_pause),
    ] {
        *time = setting(name)?.map_or(*time, Duration::from_millis);
    }
    choose(
        "CACHE_CONSISTENCY",
        &mut policy.consistency,
        &[
            ("strict", Consistency::Strict),
            ("session", Consistency::AfterResponse),
            ("ttl", Consistency::Ttl),
        ],
    )?;
    choose(
        "CACHE_ON_BEGIN_FAILURE",
        &mut policy.if_mark_fails,
        &[("refuse", IfMarkFails::Refuse), ("proceed", IfMarkFails::Proceed)],
    )?;
    choose(
        "CACHE_ON_END_FAILURE",
        &mut policy.if_unmark_fails,
        &[("hold", IfUnmarkFails::Hold), ("answer", IfUnmarkFails::Answer)],
    )?;
    policy.anonymous_entries =
        setting("CACHE_ANONYMOUS_ENTRIES")?.unwrap_or(policy.anonymous_entries);
    policy.await_end = setting("CACHE_AWAIT_END")?.unwrap_or(policy.await_end);
    policy.replicas_ack = setting("CACHE_REPLICAS_ACK")?.unwrap_or(policy.replicas_ack);
    Ok(policy)
}

/// A setting; `None` where it is not set.
pub(super) fn setting<T: FromStr<Err: Error + 'static>>(
    name: &str,
) -> Result<Option<T>, Box<dyn Error>> {
    let text = std::env::var(name).ok();
    Ok(text.map(|text| text.parse()).transpose()?)
}

/// Sets what has a few named values.
fn choose<T: Copy>(name: &str, into: &mut T, choices: &[(&str, T)]) -> Result<(), Box<dyn Error>> {
    let Some(text) = setting::<String>(name)? else { return Ok(()) };
    let known = choices.iter().find(|(known, _)| *known == text);
    let (_, value) =
        known.ok_or_else(|| format!("`{name}` is `{text}`, which is nothing known"))?;
    *into = *value;
    Ok(())
}
