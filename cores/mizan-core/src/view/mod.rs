//! Results that are not data: a page or a redirect. Their invalidation travels in the header only.

mod page;

use std::borrow::Cow;

use serde::Serialize;

use crate::percent;

#[cfg(feature = "pages")]
pub(crate) use page::BundleView;
pub(crate) use page::PageView;

/// Names, in lower case, and values.
type Headers = Vec<(Cow<'static, str>, String)>;

/// A result of the view path.
///
/// A view of 400 or above carries no `X-Mizan-Invalidate` unless [`View::with_invalidation_on_error`] is called.
///
/// # Examples
/// ```
/// use mizan_core::View;
///
/// let view = View::redirect("/profile/5/");
/// assert_eq!((view.status(), view.location()), (302, Some("/profile/5/")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    status: u16,
    body: Cow<'static, str>,
    location: Option<String>,
    invalidates_on_error: bool,
    is_unchanged: bool,
    headers: Headers,
    page: Option<Box<PageView>>,
}

impl View {
    /// A page with status 200.
    pub fn html(body: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            location: None,
            invalidates_on_error: false,
            is_unchanged: false,
            headers: Vec::new(),
            page: None,
        }
    }

    /// A page that is a component of React, Vue or Svelte: rendered on the server where
    /// [`Builder::pages`](crate::Builder::pages) names a worker, and shown by the browser in any case. `component` is the name
    /// under which both know it, `props` becomes a JSON object. [`View::with`] names what the component reads.
    pub fn page(component: impl Into<Cow<'static, str>>, props: impl Serialize) -> Self {
        let page = PageView::new(component.into(), props);
        Self { page: Some(Box::new(page)), ..Self::html("") }
    }

    /// Adds a bundle to a page; nothing for another view.
    pub(crate) fn with_bundle(mut self, context: &'static str, params: impl Serialize) -> Self {
        match &mut self.page {
            Some(page) => page.add(context, params),
            None => tracing::error!(context, "a view that is no page brings no bundle"),
        }
        self
    }

    /// The component, where it is one.
    pub(crate) fn as_page(&self) -> Option<&PageView> {
        self.page.as_deref()
    }

    /// Takes the component out, to be rendered.
    #[cfg(feature = "pages")]
    pub(crate) fn take_page(&mut self) -> Option<PageView> {
        self.page.take().map(|page| *page)
    }

    /// The same view with this text.
    #[cfg(feature = "pages")]
    pub(crate) fn with_body(mut self, body: impl Into<Cow<'static, str>>) -> Self {
        self.body = body.into();
        self
    }

    /// The headers that the application has added.
    #[cfg(feature = "pages")]
    pub(crate) fn headers(&self) -> &[(Cow<'static, str>, String)] {
        &self.headers
    }

    /// A redirect with status 302. Control characters, which no header may hold, are percent-encoded:
    /// leaving them out could make `//elsewhere` of what was a path.
    ///
    /// It goes to any location: check a location that comes from a request.
    pub fn redirect(location: impl Into<String>) -> Self {
        let mut clean = String::new();
        for character in location.into().chars() {
            if character.is_control() {
                let mut bytes = [0; 4];
                let encoded = character.encode_utf8(&mut bytes).bytes();
                encoded.for_each(|byte| percent::push_encoded(&mut clean, byte));
            } else {
                clean.push(character);
            }
        }
        Self { status: 302, location: Some(clean), ..Self::html("") }
    }

    /// An empty response with this status.
    pub fn empty(status: u16) -> Self {
        Self::html("").with_status(status)
    }

    /// Replaces the status. Anything outside 200 to 599 is 500.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = if (200..600).contains(&status) { status } else { 500 };
        self
    }

    /// A redirect with status 303: after a form, so that the browser asks for the next page by GET.
    pub fn see_other(location: impl Into<String>) -> Self {
        Self { status: 303, ..Self::redirect(location) }
    }

    /// Adds a header. A page that sets none of its own gets
    /// `x-frame-options: DENY` and `referrer-policy: same-origin`.
    ///
    /// Headers that the framework answers for (`cache-control`, `content-length`, `content-type`,
    /// `location`, `set-cookie` and those that start with `x-mizan-`) are left out, and that is logged.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let own = ["cache-control", "content-length", "content-type", "location", "set-cookie"];
        let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        if own.contains(&&*lower) || lower.starts_with("x-mizan-") {
            tracing::error!(name, "this header of a view is set by the framework");
        } else if is_token(&lower) {
            self.headers.push((lower, value.into()));
        } else {
            tracing::error!(name, "a header of a view is left out: its name is not legal");
        }
        self
    }

    /// Sends the invalidation header although the status is 400 or above: for a function that
    /// changed something before it failed.
    pub fn with_invalidation_on_error(mut self) -> Self {
        self.invalidates_on_error = true;
        self
    }

    /// Declares that the call was refused before it changed anything, as [`Error::unchanged`](crate::Error::unchanged)
    /// does: for a form that is shown again with its faults.
    pub fn unchanged(mut self) -> Self {
        self.is_unchanged = true;
        self
    }

    /// Whether the call was refused before it changed anything.
    pub fn is_unchanged(&self) -> bool {
        self.is_unchanged
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text of the page.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Where a redirect goes.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    pub(crate) fn sends_invalidation(&self) -> bool {
        self.status < 400 || self.invalidates_on_error
    }

    /// Status, body, location and headers.
    pub(crate) fn into_parts(self) -> (u16, Cow<'static, str>, Option<String>, Headers) {
        (self.status, self.body, self.location, self.headers)
    }
}

/// Whether a text in lower case is the name of a header (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    let legal = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
    };
    !name.is_empty() && name.bytes().all(legal)
}
