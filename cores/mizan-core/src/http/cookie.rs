//! The cookies of the framework: their names, and how they are set.

/// The names of Mizan's cookies: with `Secure` and the prefix that no other host can set behind https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CookieNames {
    pub(crate) is_secure: bool,
}

impl CookieNames {
    /// The cookie to which CSRF tokens are bound.
    pub(crate) fn csrf(self) -> &'static str {
        if self.is_secure { "__Host-mizan_csrf" } else { "mizan_csrf" }
    }

    /// The cookie of a session.
    pub(crate) fn session(self) -> &'static str {
        if self.is_secure { "__Host-mizan_session" } else { "mizan_session" }
    }

    /// The header that sets a cookie; `seconds` is how long it lives, else until the browser closes.
    pub(crate) fn set(self, name: &str, value: &str, seconds: Option<u64>) -> String {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}")
    }
}
