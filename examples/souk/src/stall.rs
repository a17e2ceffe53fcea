//! One stall: what it says of itself, what it sells, and its photos.

use mizan_core::{Error, Result, State, UserRequest, client};
use schemars::JsonSchema;
use serde::Serialize;

use crate::StallContext;
use crate::db::Db;
use crate::identity::{self, keeps_a_stall};

/// A stall on its own page.
#[derive(Serialize, JsonSchema)]
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
#[derive(Serialize, JsonSchema)]
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
#[derive(Serialize, JsonSchema)]
pub struct Photo {
    id: i64,
    caption: String,
    /// The colour, in degrees of the wheel.
    hue: i64,
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

impl Pattern {
    fn from_column(text: &str) -> Result<Self> {
        match text {
            "lattice" => Ok(Self::Lattice),
            "waves" => Ok(Self::Waves),
            "tiles" => Ok(Self::Tiles),
            "dots" => Ok(Self::Dots),
            other => Err(Error::internal(format!("`{other}` is not a pattern"))),
        }
    }
}

/// What a stall says of itself.
#[client(context = StallContext)]
pub async fn stall_info(db: State<Db>, stall_id: i64) -> Result<StallInfo> {
    type Row = (String, String, String, String, i64, i64, String);
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.name, s.tagline, s.about, s.category, s.hue, s.user_id, u.name \
         FROM stalls s JOIN users u ON u.id = s.user_id WHERE s.id = $1",
    )
    .bind(stall_id)
    .fetch_optional(db.pool())
    .await?;
    let (name, tagline, about, category, hue, user_id, keeper) = row.ok_or_else(no_stall)?;
    Ok(StallInfo { id: stall_id, name, tagline, about, category, hue, user_id, keeper })
}

/// What a stall sells.
#[client(context = StallContext)]
pub async fn stall_stock(db: State<Db>, stall_id: i64) -> Result<Vec<Good>> {
    known(&db, stall_id).await?;
    let rows: Vec<(i64, String, String, i64, i64, String)> = sqlx::query_as(
        "SELECT id, name, unit, price_cents, in_stock, blurb FROM goods WHERE stall_id = $1 ORDER BY id",
    )
    .bind(stall_id)
    .fetch_all(db.pool())
    .await?;
    let good = |(id, name, unit, price_cents, in_stock, blurb)| Good {
        id,
        name,
        unit,
        price_cents,
        in_stock,
        blurb,
    };
    Ok(rows.into_iter().map(good).collect())
}

/// The pictures of a stall.
#[client(context = StallContext)]
pub async fn stall_photos(db: State<Db>, stall_id: i64) -> Result<Vec<Photo>> {
    known(&db, stall_id).await?;
    let rows: Vec<(i64, String, i64, String)> = sqlx::query_as(
        "SELECT id, caption, hue, pattern FROM photos WHERE stall_id = $1 ORDER BY id",
    )
    .bind(stall_id)
    .fetch_all(db.pool())
    .await?;
    let photo = |(id, caption, hue, pattern): (i64, String, i64, String)| {
        Ok(Photo { id, caption, hue, pattern: Pattern::from_column(&pattern)? })
    };
    rows.into_iter().map(photo).collect()
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
        0 => Err(Error::forbidden("this is no good of your stall")),
        _ => Ok(()),
    }
}

/// A stall that does not exist is not one that sells nothing.
async fn known(db: &Db, stall_id: i64) -> Result<()> {
    let row: Option<(i64,)> = sqlx::query_as("SELECT id FROM stalls WHERE id = $1")
        .bind(stall_id)
        .fetch_optional(db.pool())
        .await?;
    row.map(drop).ok_or_else(no_stall)
}

fn no_stall() -> Error {
    Error::not_found("no such stall")
}
