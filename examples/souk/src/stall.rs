//! One stall: what it says of itself, what it sells, and its photos.

use mizan_core::{Error, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::StallContext;
use crate::db::Db;
use crate::identity::{self, keeps_a_stall};

/// A stall on its own page.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct StallInfo {
    id: i64,
    name: String,
    tagline: String,
    about: String,
    category: String,
    /// The colour of the stall, in degrees of the wheel.
    hue: i64,
    /// The keeper.
    user_id: i64,
    /// The keeper's name.
    keeper: String,
}

/// Something that is sold.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct Good {
    id: i64,
    name: String,
    /// What one piece is: `100 g`, `piece`.
    unit: String,
    price_cents: i64,
    in_stock: i64,
    blurb: String,
}

/// A picture, drawn by the client.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct Photo {
    id: i64,
    caption: String,
    /// The colour, in degrees of the wheel.
    hue: i64,
    #[sqlx(try_from = "String")]
    pattern: Pattern,
}

/// What a picture is made of.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    Lattice,
    Waves,
    Tiles,
    Dots,
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "lattice" => Ok(Self::Lattice),
            "waves" => Ok(Self::Waves),
            "tiles" => Ok(Self::Tiles),
            "dots" => Ok(Self::Dots),
            _ => Err(format!("`{text}` is not a pattern")),
        }
    }
}

/// What a stall says of itself.
#[client(context = StallContext)]
pub async fn stall_info(db: State<Db>, stall_id: i64) -> Result<StallInfo> {
    sqlx::query_as(
        "SELECT s.id, s.name, s.tagline, s.about, s.category, s.hue, s.user_id, u.name AS keeper \
         FROM stalls s JOIN users u ON u.id = s.user_id WHERE s.id = $1",
    )
    .bind(stall_id)
    .fetch_optional(db.pool())
    .await?
    .ok_or_else(no_stall)
}

/// What a stall sells.
#[client(context = StallContext)]
pub async fn stall_stock(db: State<Db>, stall_id: i64) -> Result<Vec<Good>> {
    known(&db, stall_id).await?;
    let goods = sqlx::query_as(
        "SELECT id, name, unit, price_cents, in_stock, blurb FROM goods \
         WHERE stall_id = $1 ORDER BY id",
    );
    Ok(goods.bind(stall_id).fetch_all(db.pool()).await?)
}

/// The pictures of a stall.
#[client(context = StallContext)]
pub async fn stall_photos(db: State<Db>, stall_id: i64) -> Result<Vec<Photo>> {
    known(&db, stall_id).await?;
    let photos = sqlx::query_as(
        "SELECT id, caption, hue, pattern FROM photos WHERE stall_id = $1 ORDER BY id",
    );
    Ok(photos.bind(stall_id).fetch_all(db.pool()).await?)
}

/// Says how much of a good is there. The guard lets keepers in, and the statement only to their own
/// counter.
#[client(auth = keeps_a_stall, affects = StallContext)]
pub async fn set_stock(
    request: &UserRequest,
    db: State<Db>,
    stall_id: i64,
    good_id: i64,
    #[garde(range(min = 0, max = 10_000))] in_stock: i64,
) -> Result<()> {
    let changed = sqlx::query(
        "UPDATE goods SET in_stock = $1 WHERE id = $2 AND stall_id = \
         (SELECT id FROM stalls WHERE id = $3 AND user_id = $4)",
    )
    .bind(in_stock)
    .bind(good_id)
    .bind(stall_id)
    .bind(identity::caller(request)?)
    .execute(db.pool())
    .await?;
    match changed.rows_affected() {
        0 => Err(Error::forbidden("this good is not in your stall")),
        _ => Ok(()),
    }
}

/// A stall that does not exist is not one that sells nothing.
async fn known(db: &Db, stall_id: i64) -> Result<()> {
    if exists(db, stall_id).await? { Ok(()) } else { Err(no_stall()) }
}

pub(crate) async fn exists(db: &Db, stall_id: i64) -> Result<bool> {
    let id: Option<i64> = sqlx::query_scalar("SELECT id FROM stalls WHERE id = $1")
        .bind(stall_id)
        .fetch_optional(db.pool())
        .await?;
    Ok(id.is_some())
}

fn no_stall() -> Error {
    Error::not_found("no such stall")
}
