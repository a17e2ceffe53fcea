//! The paragraphs of the documents that cases prove.

/// Reads of a context.
pub(crate) const READ: &str = "docs/protocol.md#read-get-ctxcontext";
/// Lists that come in pages.
pub(crate) const LISTS: &str = "docs/protocol.md#lists";
/// Several reads in one request.
pub(crate) const BATCH: &str = "docs/protocol.md#several-reads-get-ctx";
/// Calls.
pub(crate) const CALL: &str = "docs/protocol.md#call-post-call";
/// Paths outside of the mount point.
pub(crate) const ROUTES: &str = "docs/protocol.md#routes-paths-outside-of-the-mount-point";
/// Rates.
pub(crate) const RATES: &str = "docs/protocol.md#rates";
/// The error envelope.
pub(crate) const ERRORS: &str = "docs/protocol.md#errors";
/// Sessions, tokens and proofs against forged requests.
pub(crate) const SESSION: &str = "docs/protocol.md#session-get-session";
/// Files, probes and the process.
pub(crate) const OUTSIDE: &str = "docs/protocol.md#outside-of-the-protocol";
/// The schema document.
pub(crate) const SCHEMA: &str =
    "docs/protocol.md#schema-document-app-mizan-schema-or-get-schema-if-it-is-exposed";
/// The edge manifest.
pub(crate) const MANIFEST: &str = "docs/protocol.md#edge-manifest-app-mizan-manifest";
