//! The hall: which stalls there are, and the card of each.

use mizan_core::{Each, EachKey, Found, Result, State, client};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::db::Db;
use crate::{HallContext, StallCardContext};

/// A stall in the hall, by the ids under which its card is read.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct HallStall {
    stall_id: i64,
    /// The keeper.
    user_id: i64,
    category: String,
}

impl HallStall {
    /// What the card of this stall is found by.
    pub(crate) fn card(&self) -> Value {
        json!({ "stall_id": self.stall_id, "user_id": self.user_id })
    }
}

/// A category, and how many stalls are in it.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct HallCategory {
    name: String,
    stalls: i64,
}

/// A stall as the hall shows it.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
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
    stalls(&db, category).await
}

pub(crate) async fn stalls(db: &Db, category: Option<String>) -> Result<Vec<HallStall>> {
    let stalls = match category {
        Some(category) => sqlx::query_as(
            "SELECT id AS stall_id, user_id, category FROM stalls WHERE category = $1 ORDER BY id",
        )
        .bind(category),
        None => sqlx::query_as("SELECT id AS stall_id, user_id, category FROM stalls ORDER BY id"),
    };
    Ok(stalls.fetch_all(db.pool()).await?)
}

/// Every category, whichever is chosen: the filter stays whole while it filters.
#[client(context = HallContext)]
pub async fn hall_categories(
    db: State<Db>,
    #[allow(unused_variables)] category: Option<String>,
) -> Result<Vec<HallCategory>> {
    let categories = sqlx::query_as(
        "SELECT category AS name, COUNT(*) AS stalls FROM stalls GROUP BY category ORDER BY category",
    );
    Ok(categories.fetch_all(db.pool()).await?)
}

/// What a card is found by: the keeper is asked for too.
#[derive(EachKey, Clone, PartialEq, Eq, Hash)]
pub struct CardKey {
    stall_id: i64,
    /// The keeper.
    user_id: i64,
}

#[derive(sqlx::FromRow)]
struct KeptCard {
    user_id: i64,
    #[sqlx(flatten)]
    card: StallCard,
}

/// The card of a stall. The keeper is asked for too, so that the card is found by both.
#[client(context = StallCardContext)]
pub async fn stall_card_info(
    db: State<Db>,
    keys: Each<CardKey>,
) -> Result<Found<CardKey, StallCard>> {
    let places: Vec<String> = (1..=keys.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT s.user_id, s.id AS stall_id, s.name, s.tagline, s.category, u.name AS keeper, s.hue, \
         COUNT(g.id) AS goods, COALESCE(MIN(g.price_cents), 0) AS from_cents \
         FROM stalls s JOIN users u ON u.id = s.user_id LEFT JOIN goods g \
         ON g.stall_id = s.id WHERE s.id IN ({}) \
         GROUP BY s.id, s.name, s.tagline, s.category, u.name, s.hue, s.user_id",
        places.join(", ")
    );
    // Nothing but the numbers of the places is written into it.
    let query = sqlx::query_as(AssertSqlSafe(sql));
    let query = keys.iter().fold(query, |query, key| query.bind(key.stall_id));
    let cards: Vec<KeptCard> = query.fetch_all(db.pool()).await?;
    let found = |KeptCard { user_id, card }| (CardKey { stall_id: card.stall_id, user_id }, card);
    Ok(cards.into_iter().map(found).collect())
}
