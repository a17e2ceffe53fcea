//! Help for an application's own tests.

use crate::graph::{BuildError, Graph};
use crate::registry::{linked, nothing_linked};

/// Checks the graph of the functions linked into this test binary, without states or a runtime.
///
/// ```no_run
/// #[test]
/// fn the_graph_is_sound() {
///     mizan_core::testing::check_graph().unwrap();
/// }
/// ```
pub fn check_graph() -> Result<(), BuildError> {
    match linked() {
        functions if functions.is_empty() => Err(nothing_linked()),
        functions => Graph::resolve(functions, None).map(drop),
    }
}
