//! What the claims of a token must contain, read strictly: a claim of another type is not a claim.

use serde_json::{Map, Value};

use super::jws::Refused;

/// The claims of one token, with the time of the check in seconds since the epoch.
pub(crate) struct Claims<'a> {
    pub(crate) map: &'a Map<String, Value>,
    pub(crate) now: u64,
    /// How far the clock of the issuer may be ahead of this server's.
    pub(crate) leeway: u64,
}

impl Claims<'_> {
    /// A text that is not empty.
    pub(crate) fn text(&self, name: &str, missing: &'static str) -> Result<String, Refused> {
        let text = self.map.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or(Refused(missing))
    }

    /// A claim that may be left out.
    pub(crate) fn flag_or_false(&self, name: &str, wrong: &'static str) -> Result<bool, Refused> {
        if self.map.contains_key(name) { self.flag(name, wrong) } else { Ok(false) }
    }

    pub(crate) fn flag(&self, name: &str, missing: &'static str) -> Result<bool, Refused> {
        self.map.get(name).and_then(Value::as_bool).ok_or(Refused(missing))
    }

    fn seconds(&self, name: &str) -> Option<Option<u64>> {
        match self.map.get(name) {
            None => Some(None),
            Some(value) => value.as_u64().map(Some),
        }
    }

    /// Good from `iat` and `nbf` on, and until the second before `exp`. A lifetime beyond `longest`
    /// was not given by us. Gives `exp`.
    pub(crate) fn times(&self, longest: u64) -> Result<u64, Refused> {
        let none = Refused("a time is not an integer of seconds");
        let (issued, expires) =
            (self.seconds("iat").ok_or(none)?, self.seconds("exp").ok_or(none)?);
        let not_before = self.seconds("nbf").ok_or(none)?.unwrap_or(0);
        let (Some(issued), Some(expires)) = (issued, expires) else {
            return Err(Refused("it has no `iat` or no `exp`"));
        };
        if issued.max(not_before) > self.now.saturating_add(self.leeway) {
            return Err(Refused("it is not good yet"));
        }
        // The issuer knows when the token ends: there is no leeway for the end.
        if expires <= self.now {
            return Err(Refused("it has expired"));
        }
        if expires.saturating_sub(issued) > longest {
            return Err(Refused("it lives longer than we give"));
        }
        Ok(expires)
    }

    /// No audience is named: one that names a user, while this server has none, is not for this server
    /// (RFC 7519, section 4.1.3).
    pub(crate) fn no_audience(&self) -> Result<(), Refused> {
        if self.map.contains_key("aud") {
            return Err(Refused("it has an `aud`, and no audience is set"));
        }
        Ok(())
    }

    /// The audience is this server's, or a list that contains it.
    pub(crate) fn audience(&self, ours: &str) -> Result<(), Refused> {
        let is_ours = |value: &Value| value.as_str() == Some(ours);
        let found = match self.map.get("aud") {
            Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.iter().any(is_ours),
            Some(one) => is_ours(one),
            None => false,
        };
        found.then_some(()).ok_or(Refused("its `aud` is another audience"))
    }
}
