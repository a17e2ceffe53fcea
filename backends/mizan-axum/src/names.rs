//! The protocol's headers as axum names them, each looked up once.

use std::sync::LazyLock;

use axum::http::header::HeaderName;
use mizan_core::ProtocolHeader;

static NAMES: LazyLock<Vec<HeaderName>> = LazyLock::new(|| {
    ProtocolHeader::ALL.iter().map(|header| HeaderName::from_static(header.as_str())).collect()
});

/// The name of a header of the protocol.
pub(crate) fn name(header: ProtocolHeader) -> &'static HeaderName {
    // A header's number is its position in the list that the table is made of.
    &NAMES[header as usize]
}
