//! The hall: which stalls there are, and the card of each.

use mizan_core::{Error, Result, State, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::db::Db;
use crate::{HallContext, StallCardContext};

/// A stall in the hall, by the ids under which its card is read.
#[derive(Serialize, JsonSchema)]
pub struct HallStall {
    stall_id: i64,
    /// The keeper.
    user_id: i64,
    category: String,
}

/// A category, and how many stalls are in it.
#[derive(Serialize, JsonSchema)]
pub struct HallCategory {
    name: String,
    stalls: i64,
}

/// A stall as the hall shows it.
#[derive(Serialize, JsonSchema)]
pub struct StallCard {
    stall_id: i64,
    name: String,
    tagline: String,
    category: String,
    /// The keeper's name.
    keeper: String,
    /// The colour of the stall, in degrees of the wheel.
    hue: i64,
    /// How many kinds of goods there are.
    goods: i64,
    /// The lowest price.
    from_cents: i64,
}

/// The stalls of a category, or all of them.
#[client(context = HallContext)]
pub async fn hall_stalls(db: State<Db>, category: Option<String>) -> Result<Vec<HallStall>> {
    let rows: Vec<(i64, i64, String)> = match category {
        Some(category) => sqlx::query_as(
            "SELECT id, user_id, category FROM stalls WHERE category = $1 ORDER BY id",
        )
        .bind(category),
        None => sqlx::query_as("SELECT id, user_id, category FROM stalls ORDER BY id"),
    }
    .fetch_all(db.pool())
    .await?;
    let stall = |(stall_id, user_id, category)| HallStall { stall_id, user_id, category };
    Ok(rows.into_iter().map(stall).collect())
}

/// Every category, whichever is chosen: the filter stays whole while it filters.
#[client(context = HallContext)]
pub async fn hall_categories(
    db: State<Db>,
    #[allow(unused_variables)] category: Option<String>,
) -> Result<Vec<HallCategory>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT category, COUNT(*) FROM stalls GROUP BY category ORDER BY category")
            .fetch_all(db.pool())
            .await?;
    Ok(rows.into_iter().map(|(name, stalls)| HallCategory { name, stalls }).collect())
}

/// The card of a stall. The keeper is asked for too, so that the card is found by both.
#[client(context = StallCardContext)]
pub async fn stall_card_info(db: State<Db>, stall_id: i64, user_id: i64) -> Result<StallCard> {
    type Row = (String, String, String, String, i64, i64, i64);
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.name, s.tagline, s.category, u.name, s.hue, COUNT(g.id), \
         COALESCE(MIN(g.price_cents), 0) FROM stalls s JOIN users u ON u.id = s.user_id \
         LEFT JOIN goods g ON g.stall_id = s.id WHERE s.id = $1 AND s.user_id = $2 \
         GROUP BY s.id, s.name, s.tagline, s.category, u.name, s.hue",
    )
    .bind(stall_id)
    .bind(user_id)
    .fetch_optional(db.pool())
    .await?;
    let (name, tagline, category, keeper, hue, goods, from_cents) =
        row.ok_or_else(|| Error::not_found("this user keeps no such stall"))?;
    Ok(StallCard { stall_id, name, tagline, category, keeper, hue, goods, from_cents })
}
