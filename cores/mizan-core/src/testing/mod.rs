//! Help for an application's own tests: a function alone, a request through the whole dispatch without
//! a socket, what it made stale, and the contract of a store of sessions. `docs/testing.md` shows each.

mod request;
mod response;
pub mod sessions;

pub use crate::registry::UndeclaredEffect;
pub use request::TestRequest;
pub use response::TestResponse;

use crate::builder::Builder;
use crate::error::BuildError;
use crate::head::RequestParts;
use crate::identity::Identity;
use crate::request::RawRequest;

/// A request of this caller, for calling a function that sees one from a unit test. It narrows to
/// the other views by `&*request`.
///
/// ```
/// use mizan_core::{Identity, RequestParts, UserRequest, testing};
/// let request = testing::request(Some(Identity::new("5")), RequestParts::default());
/// let user: &UserRequest = &request;
/// assert_eq!(user.user().map(Identity::subject), Some("5"));
/// ```
pub fn request(identity: Option<Identity>, parts: RequestParts) -> RawRequest {
    RawRequest::new(identity, parts)
}

/// Checks the graph of the functions linked into this test binary, without states or a runtime.
///
/// ```no_run
/// #[test]
/// fn the_graph_is_sound() {
///     mizan_core::testing::check_graph().unwrap();
/// }
/// ```
///
/// # Errors
/// Every mistake of the graph.
pub fn check_graph() -> Result<(), BuildError> {
    Builder::linked().described().map(drop)
}
