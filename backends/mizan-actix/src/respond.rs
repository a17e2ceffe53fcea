//! A reply of the core as an actix response.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use mizan_core::{ContentType, Response};

const INVALIDATE: HeaderName = HeaderName::from_static("x-mizan-invalidate");
const CACHE: HeaderName = HeaderName::from_static("x-mizan-cache");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

pub(crate) fn respond(reply: Response) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, reply.body);
    let headers = response.headers_mut();
    let content_type = match reply.content_type {
        ContentType::Json => JSON,
        ContentType::Html => HTML,
        _ => JSON,
    };
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    insert(headers, INVALIDATE, reply.invalidate);
    insert(headers, LOCATION, reply.location);
    for cookie in reply.set_cookie {
        match HeaderValue::try_from(cookie) {
            Ok(cookie) => headers.append(SET_COOKIE, cookie),
            Err(_) => tracing::error!("a cookie is no header value"),
        }
    }
    if let Some(status) = reply.cache {
        headers.insert(CACHE, HeaderValue::from_static(status.as_str()));
    }
    if let Some(allow) = reply.allow {
        insert(headers, ALLOW, Some(allow.into_owned()));
    }
    if let Some(seconds) = reply.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in reply.headers {
        match HeaderName::try_from(name) {
            Ok(name) => insert(headers, name, Some(value)),
            Err(_) => tracing::error!(name, "this is no name of a header"),
        }
    }
    response.map_into_boxed_body()
}

/// Inserts a text that the core has encoded; one that no header can hold is left out and logged.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    let Some(value) = value else { return };
    match HeaderValue::try_from(value) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => tracing::error!(header = name.as_str(), "a value is no header value"),
    }
}
