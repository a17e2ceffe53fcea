//! Mutations: every way to say what became old.

use mizan_core::{View, client};

use super::contexts::{DONE, Done, GlobalContext, Order, OrdersContext, PrefsContext, UserContext};

/// Changes one user.
#[client(affects = UserContext)]
pub(super) async fn update_profile(user_id: i64, name: String) -> Done {
    let _ = (user_id, name);
    DONE
}

/// Changes three contexts, each in the scope of its own parameters.
#[client(affects = [UserContext, OrdersContext, PrefsContext], scope = [user_id, org])]
pub(super) async fn touch_many(user_id: i64, #[default = "acme".into()] org: String) -> Done {
    let _ = (user_id, org);
    DONE
}

/// Changes what everybody sees.
#[client(affects = GlobalContext)]
pub(super) async fn broad() -> Done {
    DONE
}

/// Names a target twice.
#[client(affects = ["user", "user", "global"])]
pub(super) async fn dup(user_id: i64) -> Done {
    let _ = user_id;
    DONE
}

/// Changes orders; a page that is null pins nothing.
#[client(affects = OrdersContext, scope = [org, page])]
pub(super) async fn opt_touch(page: Option<i64>, #[default = "x".into()] org: String) -> Done {
    let _ = (page, org);
    DONE
}

/// What a payment service calls; clients may not.
#[client(affects = PrefsContext, private, route = "/webhooks/stripe/", methods = ["POST"])]
pub(super) async fn stripe_webhook() -> View {
    View::empty(200)
}

/// Changes one user and sends the browser back.
#[client(affects = UserContext, route = "/profile/<user_id>/update/", methods = ["POST"])]
pub(super) async fn update_profile_view(user_id: i64) -> View {
    View::redirect(format!("/profile/{user_id}/"))
}

/// Adds an order, which goes into the list of its context.
#[client(merge = OrdersContext, key = "id", scope = [org])]
pub(super) async fn add_order(org: String) -> Order {
    let _ = org;
    Order { id: 99, page: 1 }
}
