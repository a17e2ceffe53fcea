//! The headers that the protocol knows, of requests and of responses.

use std::borrow::Cow;

macro_rules! headers {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A header that the protocol reads or writes. An adapter builds a table of its HTTP library's
        /// names from [`ProtocolHeader::ALL`] once, so that no request looks up a text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum ProtocolHeader {
            $($(#[$doc])* $name,)*
        }

        impl ProtocolHeader {
            /// Every header, each at the position of its number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name, in lower case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

headers! {
    /// `Content-Type`.
    ContentType = "content-type";
    /// `Content-Length`.
    ContentLength = "content-length";
    /// `Cookie`.
    Cookie = "cookie";
    /// `Host`.
    Host = "host";
    /// `Origin`.
    Origin = "origin";
    /// `Sec-Fetch-Site`.
    SecFetchSite = "sec-fetch-site";
    /// `X-CSRFToken`.
    CsrfToken = "x-csrftoken";
    /// `Idempotency-Key`.
    IdempotencyKey = "idempotency-key";
    /// `Accept-Encoding`.
    AcceptEncoding = "accept-encoding";
    /// `If-None-Match`.
    IfNoneMatch = "if-none-match";
    /// `Access-Control-Request-Method`.
    RequestMethod = "access-control-request-method";
    /// `Cache-Control`.
    CacheControl = "cache-control";
    /// `X-Content-Type-Options`.
    ContentTypeOptions = "x-content-type-options";
    /// `Content-Encoding`.
    ContentEncoding = "content-encoding";
    /// `ETag`.
    ETag = "etag";
    /// `Link`.
    Link = "link";
    /// `X-Mizan-Invalidate`.
    Invalidate = "x-mizan-invalidate";
    /// `X-Mizan-Params`.
    Params = "x-mizan-params";
    /// `X-Mizan-Cache`.
    Cache = "x-mizan-cache";
    /// `Allow`.
    Allow = "allow";
    /// `Location`.
    Location = "location";
    /// `Set-Cookie`, a header for each cookie.
    SetCookie = "set-cookie";
    /// `Retry-After`.
    RetryAfter = "retry-after";
    /// `X-Accel-Buffering`: `no` keeps nginx from gathering a response.
    AccelBuffering = "x-accel-buffering";
    /// `X-Frame-Options`.
    FrameOptions = "x-frame-options";
    /// `Referrer-Policy`.
    ReferrerPolicy = "referrer-policy";
    /// `Content-Security-Policy`.
    ContentSecurityPolicy = "content-security-policy";
    /// `Strict-Transport-Security`.
    StrictTransportSecurity = "strict-transport-security";
    /// `Vary`.
    Vary = "vary";
    /// `Access-Control-Allow-Origin`.
    AllowOrigin = "access-control-allow-origin";
    /// `Access-Control-Allow-Credentials`.
    AllowCredentials = "access-control-allow-credentials";
    /// `Access-Control-Allow-Methods`.
    AllowMethods = "access-control-allow-methods";
    /// `Access-Control-Allow-Headers`.
    AllowHeaders = "access-control-allow-headers";
    /// `Access-Control-Expose-Headers`.
    ExposeHeaders = "access-control-expose-headers";
    /// `Access-Control-Max-Age`.
    MaxAge = "access-control-max-age";
}

/// The name of a header of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderName {
    /// One that the protocol writes.
    Protocol(ProtocolHeader),
    /// One that a view has added: a legal name, in lower case.
    Other(Cow<'static, str>),
}

impl HeaderName {
    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Protocol(header) => header.as_str(),
            Self::Other(name) => name,
        }
    }

    /// The name of a text in lower case.
    pub(crate) fn of(text: Cow<'static, str>) -> Self {
        let known = ProtocolHeader::ALL.iter().find(|header| header.as_str() == text);
        match known {
            Some(header) => Self::Protocol(*header),
            None => Self::Other(text),
        }
    }
}

/// The value of a header: bytes that every HTTP library takes.
pub type HeaderValue = Cow<'static, str>;

/// Whether a text can be the value of a header: no control characters but the tab.
pub(crate) fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
