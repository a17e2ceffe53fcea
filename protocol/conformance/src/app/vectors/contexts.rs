//! The contexts of the registry, and the records that several functions share.

use mizan_core::Context;
use schemars::JsonSchema;
use serde::Serialize;

/// Who is calling: read by every page.
#[derive(Context)]
pub(super) struct GlobalContext;

/// One user.
#[derive(Context)]
pub(super) struct UserContext;

/// The orders of one organisation.
#[derive(Context)]
pub(super) struct OrdersContext;

/// The caller's preferences.
#[derive(Context)]
pub(super) struct PrefsContext;

/// Reports for staff.
#[derive(Context)]
pub(super) struct ReportsContext;

/// What superusers read.
#[derive(Context)]
pub(super) struct VaultContext;

/// What a predicate guards.
#[derive(Context)]
pub(super) struct GateContext;

/// A context whose member has a revision.
#[derive(Context)]
pub(super) struct RevvedContext;

/// A context with data and a page.
#[derive(Context)]
pub(super) struct MixedContext;

/// A context with a member that fails.
#[derive(Context)]
pub(super) struct BadContext;

/// One order.
#[derive(Serialize, JsonSchema)]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) page: i64,
}

/// That something was done.
#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    ok: bool,
}

/// Done.
pub(super) const DONE: Done = Done { ok: true };
