//! What the market holds on its first day. Fixed to the last letter, times included, so that tests
//! and pictures agree on every machine.

mod orders;
mod people;
mod stalls;

use std::fmt;

use crate::db::{Db, Tx};
use orders::ORDERS;
use people::{PEOPLE, STAFF};
use stalls::STALLS;

/// The password of all users on the first day, for a market that is only shown.
pub const PASSWORD: &str = "open sesame";

/// Its hash. One salt for all: the password is no secret.
pub const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c291ay1tYXJrZXQtaGFsbA$0tuNHuFi5LXXP4NK5ob+/XZ06jJ6mMV/om+jdRwETq4";

/// Names to sign in with, and what each can do. Everybody else's is what stands before the `@` too.
pub const SIGN_INS: [(&str, &str); 3] =
    [("lucia", "who buys"), ("samira", "who keeps a stall"), ("yusuf", "who is staff")];

/// Something that a stall sells; ids count through all stalls.
struct Good {
    name: &'static str,
    unit: &'static str,
    price_cents: i64,
    in_stock: i64,
    blurb: &'static str,
}

const fn good(
    name: &'static str,
    unit: &'static str,
    price_cents: i64,
    in_stock: i64,
    blurb: &'static str,
) -> Good {
    Good { name, unit, price_cents, in_stock, blurb }
}

/// A picture of a stall; ids count through all stalls.
struct Photo {
    caption: &'static str,
    hue: i64,
    pattern: &'static str,
}

const fn photo(caption: &'static str, hue: i64, pattern: &'static str) -> Photo {
    Photo { caption, hue, pattern }
}

/// How much was put in.
pub struct Counts {
    stalls: usize,
    goods: usize,
    users: usize,
    orders: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stalls, goods, users, orders } = self;
        write!(f, "{stalls} stalls, {goods} goods, {users} users and {orders} orders")
    }
}

/// Fills an empty market, in one transaction; `None` where somebody is in it already.
pub async fn once(db: &Db) -> sqlx::Result<Option<Counts>> {
    let mut tx = db.begin().await?;
    // Changes nothing and holds the row: of two servers that start at once, one fills and one waits.
    sqlx::query("UPDATE order_counter SET last = last").execute(&mut *tx).await?;
    let users: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(&mut *tx).await?;
    if users > 0 {
        // A market from before there were accounts.
        insert_accounts(&mut tx).await?;
        tx.commit().await?;
        return Ok(None);
    }
    insert_people(&mut tx).await?;
    insert_accounts(&mut tx).await?;
    let goods = insert_stalls(&mut tx).await?;
    insert_orders(&mut tx, &goods).await?;
    tx.commit().await?;
    Ok(Some(Counts {
        stalls: STALLS.len(),
        goods: goods.len(),
        users: PEOPLE.len(),
        orders: ORDERS.len(),
    }))
}

async fn insert_people(tx: &mut Tx) -> sqlx::Result<()> {
    for (id, person) in (1_i64..).zip(&PEOPLE) {
        sqlx::query(
            "INSERT INTO users (id, name, display_name, city, bio, email) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(person.name)
        .bind(person.display_name)
        .bind(person.city)
        .bind(person.bio)
        .bind(person.email)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Gives everybody an account who has none.
async fn insert_accounts(tx: &mut Tx) -> sqlx::Result<()> {
    let accounts: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM accounts").fetch_one(&mut **tx).await?;
    if accounts > 0 {
        return Ok(());
    }
    for (id, person) in (1_i64..).zip(&PEOPLE) {
        let name = person.email.split('@').next().unwrap_or_default();
        sqlx::query(
            "INSERT INTO accounts (user_id, name, password_hash, staff) VALUES ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(name)
        .bind(PASSWORD_HASH)
        .bind(i64::from(STAFF.contains(&id)))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Inserts stalls with their goods and photos; gives all goods, in the order of their ids.
async fn insert_stalls(tx: &mut Tx) -> sqlx::Result<Vec<&'static Good>> {
    let mut goods = Vec::new();
    let mut photo_ids = 1_i64..;
    for (id, stall) in (1_i64..).zip(&STALLS) {
        sqlx::query(
            "INSERT INTO stalls (id, user_id, name, tagline, about, category, hue) \
             VALUES ($1, $1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(stall.name)
        .bind(stall.tagline)
        .bind(stall.about)
        .bind(stall.category)
        .bind(stall.hue)
        .execute(&mut **tx)
        .await?;
        for good in stall.goods {
            goods.push(good);
            insert_good(tx, id, goods.len() as i64, good).await?;
        }
        for (photo, photo_id) in stall.photos.iter().zip(&mut photo_ids) {
            insert_photo(tx, id, photo_id, photo).await?;
        }
    }
    Ok(goods)
}

async fn insert_good(tx: &mut Tx, stall_id: i64, id: i64, good: &Good) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO goods (id, stall_id, name, unit, price_cents, in_stock, blurb) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(stall_id)
    .bind(good.name)
    .bind(good.unit)
    .bind(good.price_cents)
    .bind(good.in_stock)
    .bind(good.blurb)
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn insert_photo(tx: &mut Tx, stall_id: i64, id: i64, photo: &Photo) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO photos (id, stall_id, caption, hue, pattern) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(stall_id)
    .bind(photo.caption)
    .bind(photo.hue)
    .bind(photo.pattern)
    .execute(&mut **tx)
    .await
    .map(drop)
}

async fn insert_orders(tx: &mut Tx, goods: &[&Good]) -> sqlx::Result<()> {
    for order in &ORDERS {
        let id: i64 = sqlx::query_scalar("UPDATE order_counter SET last = last + 1 RETURNING last")
            .fetch_one(&mut **tx)
            .await?;
        sqlx::query("INSERT INTO orders (id, user_id, placed_at, status) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(order.user_id)
            .bind(order.placed_at)
            .bind(order.status)
            .execute(&mut **tx)
            .await?;
        let line = |(good_id, quantity): &(i64, i64)| {
            let good = goods.get(usize::try_from(good_id - 1).ok()?)?;
            Some((*good_id, *good, *quantity))
        };
        for (good_id, good, quantity) in order.lines.iter().filter_map(line) {
            sqlx::query(
                "INSERT INTO order_lines (order_id, good_id, good, quantity, price_cents) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(id)
            .bind(good_id)
            .bind(good.name)
            .bind(quantity)
            .bind(good.price_cents)
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}
