//! What a page brings with it, named by contexts.

use serde::Serialize;

use super::Context;
use crate::view::View;

impl View {
    /// Names a bundle that the component reads: it is read as the caller, is in the page, and the browser does not ask for
    /// it again. `params` is an object with a value for each parameter of the context; `()` where there are none.
    ///
    /// A bundle that fails, or that the caller may not read, is left out; the component asks for it in the browser, and
    /// shows why.
    ///
    /// # Examples
    /// ```
    /// use mizan_core::{Context, View};
    /// use serde_json::json;
    ///
    /// #[derive(Context)]
    /// struct StallContext;
    ///
    /// let page = View::page("StallPage", json!({ "stall_id": 5 })).with::<StallContext>(json!({ "stall_id": 5 }));
    /// assert_eq!(page.status(), 200);
    /// ```
    pub fn with<C: Context>(self, params: impl Serialize) -> Self {
        self.with_bundle(C::NAME, params)
    }
}
