//! The paths below the mount point, with and without the trailing slash.

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Endpoint<'a> {
    Call,
    Context(&'a str),
    /// `ctx/`: several entries at once.
    Batch,
    Session,
    /// `session/jwt/`: a pair of tokens for a session.
    Tokens,
    /// `session/refresh/`: the next pair for a refresh token.
    Refresh,
    /// `session/mwt/`: a token for the edge.
    EdgeToken,
    Schema,
}

impl Endpoint<'_> {
    /// Whether this is answered only if the framework signs users in.
    pub(crate) fn needs_accounts(&self) -> bool {
        matches!(self, Self::Tokens | Self::Refresh | Self::EdgeToken)
    }

    /// The methods that are answered here, as the header `Allow` lists them.
    pub(crate) fn allow(&self, has_accounts: bool) -> &'static str {
        match self {
            Self::Call | Self::Tokens | Self::Refresh | Self::EdgeToken => "POST",
            Self::Session if has_accounts => "GET, HEAD, DELETE",
            Self::Batch => "GET, POST",
            Self::Context(_) | Self::Session | Self::Schema => "GET, HEAD",
        }
    }
}

/// What follows the mount point and a slash, if a path is below it.
pub(crate) fn below<'a>(mount: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(mount)?.strip_prefix('/')
}

/// What is at a path below the mount point. Anything else is a 404, whatever its suffix.
pub(crate) fn endpoint(rest: &str) -> Option<Endpoint<'_>> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    match rest {
        "call" => Some(Endpoint::Call),
        "session" => Some(Endpoint::Session),
        "session/jwt" => Some(Endpoint::Tokens),
        "session/refresh" => Some(Endpoint::Refresh),
        "session/mwt" => Some(Endpoint::EdgeToken),
        "ctx" => Some(Endpoint::Batch),
        "schema" => Some(Endpoint::Schema),
        rest => rest
            .strip_prefix("ctx/")
            .filter(|name| !name.is_empty() && !name.contains('/'))
            .map(Endpoint::Context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_the_protocol_exist() {
        let at = |path| below("/api/mizan", path).and_then(endpoint);
        assert_eq!(at("/api/mizan/call/"), Some(Endpoint::Call));
        assert_eq!(at("/api/mizan/call"), Some(Endpoint::Call));
        assert_eq!(at("/api/mizan/ctx/user/"), Some(Endpoint::Context("user")));
        assert_eq!(at("/api/mizan/ctx/user.css"), Some(Endpoint::Context("user.css")));
        assert_eq!(at("/api/mizan/ctx/"), Some(Endpoint::Batch));
        for path in ["/api/mizan", "/api/mizan/", "/api/mizan/ctx/user/x", "/api/mizancall/"] {
            assert_eq!(at(path), None, "{path}");
        }
        assert_eq!(below("", "/call/").and_then(endpoint), Some(Endpoint::Call));
    }
}
