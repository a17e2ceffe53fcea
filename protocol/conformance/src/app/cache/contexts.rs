//! The contexts, and the records that several functions share.

use mizan_core::Context;
use schemars::JsonSchema;
use serde::Serialize;

/// One user: everybody sees the same.
#[derive(Context)]
pub(super) struct UserContext;

/// What depends on who asks.
#[derive(Context)]
pub(super) struct MineContext;

/// What staff reads.
#[derive(Context)]
pub(super) struct DeskContext;

/// What a predicate guards.
#[derive(Context)]
pub(super) struct GateContext;

/// What is kept for a second.
#[derive(Context)]
pub(super) struct BriefContext;

/// What is never kept.
#[derive(Context)]
pub(super) struct FreshContext;

/// What depends on the head of the request.
#[derive(Context)]
pub(super) struct RawContext;

/// What fails if the database contains that setting.
#[derive(Context)]
pub(super) struct FailingContext;

/// An order.
#[derive(Serialize, JsonSchema)]
pub(super) struct Order {
    pub(super) id: i64,
    pub(super) page: i64,
    pub(super) value: i64,
}
