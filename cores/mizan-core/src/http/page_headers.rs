//! Headers of what a browser shows: pages of views, and files that a server sends next to the protocol.

use super::{HeaderName, HeaderValue, ProtocolHeader, Response};

/// What a page may load and who may show it, unless the application says otherwise.
///
/// Scripts come from files of this origin. Styles may be in the page, since libraries of components
/// write them there.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' \
     'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// How long browsers keep to https: a year.
const HSTS: &str = "max-age=31536000";

/// How long a file is good whose name changes with its content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The headers of pages, and of files next to the protocol.
#[derive(Debug, Clone)]
pub(crate) struct PageHeaders {
    pub(crate) policy: HeaderValue,
    /// Whether browsers know this server by an https origin.
    pub(crate) is_https: bool,
}

impl PageHeaders {
    /// Adds to a page what it does not set itself.
    pub(crate) fn complete(&self, mut response: Response) -> Response {
        if response.is_page() {
            for (header, value) in self.headers() {
                response.set_absent(header, value);
            }
        }
        response
    }

    /// The headers of pages. A policy that is empty is left out.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (ProtocolHeader, HeaderValue)> + use<> {
        let policy = Some(self.policy.clone()).filter(|policy| !policy.is_empty());
        [
            Some((ProtocolHeader::ContentTypeOptions, "nosniff".into())),
            Some((ProtocolHeader::FrameOptions, "DENY".into())),
            Some((ProtocolHeader::ReferrerPolicy, "same-origin".into())),
            policy.map(|policy| (ProtocolHeader::ContentSecurityPolicy, policy)),
            self.is_https.then(|| (ProtocolHeader::StrictTransportSecurity, HSTS.into())),
        ]
        .into_iter()
        .flatten()
    }

    /// The headers of a file at this path: those of pages, and how long it may be kept.
    pub(crate) fn of_file(
        &self,
        path: &str,
    ) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
        let kept = if is_hashed(path) { FOREVER } else { "no-cache" };
        let kept = std::iter::once((ProtocolHeader::CacheControl, kept.into()));
        self.headers().chain(kept).map(|(header, value)| (HeaderName::Protocol(header), value))
    }
}

/// Whether the name of a file changes with its content: below a folder `assets`, with `-` and eight characters of
/// base64url before the ending, one of them a digit or a capital letter. So Vite names what it has built.
fn is_hashed(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let Some((stem, _)) = name.split_once('.') else { return false };
    let hash = stem.len().checked_sub(9).and_then(|at| stem.get(at..)?.strip_prefix('-'));
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    folder.split('/').any(|part| part == "assets")
        && hash.is_some_and(|hash| {
            hash.bytes().all(legal)
                && hash.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_change_with_the_content_are_kept_forever() {
        for (path, hashed) in [
            ("/assets/index-BkD3x_a9.js", true),
            ("/app/assets/index-D-b3x_a9.css", true),
            ("/assets/index-BkD3x_a9.js.map", true),
            ("/index-BkD3x_a9.js", false),
            ("/assets/my-settings.js", false),
            ("/assets/x-abcdefgh.js", false),
            ("/assets/indexBkD3x_a9.js", false),
            ("/assets/index-BkD3x_a9", false),
            ("/assets/é-aaaaaaa9.js", true),
            ("/assets/ééééééé9.js", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn a_page_keeps_what_it_sets_itself() {
        let pages = PageHeaders { policy: "default-src 'none'".into(), is_https: true };
        let view =
            crate::view::View::html("x").with_header("Content-Security-Policy", "script-src *");
        let page = pages.complete(Response::view(view));
        assert_eq!(page.header("content-security-policy"), Some("script-src *"));
        assert_eq!(page.header("strict-transport-security"), Some(HSTS));
        let json = pages.complete(Response::json("{}"));
        assert_eq!(json.header("content-security-policy"), None);
        let none = PageHeaders { policy: "".into(), is_https: false };
        let names: Vec<_> = none.headers().map(|(header, _)| header.as_str()).collect();
        assert_eq!(names, ["x-content-type-options", "x-frame-options", "referrer-policy"]);
    }
}
