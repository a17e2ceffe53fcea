//! One server process: a Mizan application of two contexts and four mutations.

use std::error::Error;
use std::io::Read;
use std::thread;
use std::time::Duration;

use mizan_core::{CachePolicy, Context, Each, Found, Mizan, Result, State, client};

use crate::keys;
use crate::naive::Naive;
use crate::options::ServerOptions;
use crate::store::{Seen, Store};

/// Short, so that what a killed server was changing is cached again soon.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

/// An item with its pages.
#[derive(Context)]
pub(crate) struct ItemContext;

/// A shelf of items.
#[derive(Context)]
pub(crate) struct ShelfContext;

/// The item itself; one run for all items of a batch.
#[client(context = ItemContext)]
async fn item_version(store: State<Store>, item: Each<i64>) -> Result<Found<i64, Seen>> {
    let mut found = Found::new();
    for id in item {
        let item = place(id)?;
        found.insert(id, Ok(store.read(&item_name(item), &[keys::item(item)]).await?));
    }
    Ok(found)
}

/// One page of the item, or all of them.
#[client(context = ItemContext)]
async fn item_page(store: State<Store>, item: i64, page: Option<i64>) -> Result<Seen> {
    let (item, page) = (place(item)?, page.map(place).transpose()?);
    Ok(store.read(&page_name(item, page), &keys::pages(item, page)).await?)
}

/// The shelf.
#[client(context = ShelfContext)]
async fn shelf_total(store: State<Store>, shelf: i64) -> Result<Seen> {
    let shelf = place(shelf)?;
    Ok(store.read(&shelf_name(shelf), &[keys::shelf(shelf)]).await?)
}

/// Changes an item, not its pages; every entry of the item is touched.
#[client(affects = ItemContext)]
async fn bump(store: State<Store>, item: i64, mutation: i64) -> Result<Seen> {
    let item = place(item)?;
    let names = [item_name(item)];
    Ok(store.change(place(mutation)?, &[keys::item(item)], &names).await?)
}

/// Changes one page, or all of them.
#[client(affects = ItemContext, scope = [item, page])]
async fn turn(store: State<Store>, item: i64, page: Option<i64>, mutation: i64) -> Result<Seen> {
    let (item, page) = (place(item)?, page.map(place).transpose()?);
    let pages = (0..keys::PAGES).filter(|other| page.is_none_or(|page| page == *other));
    let names: Vec<String> =
        pages.map(Some).chain([None]).map(|page| page_name(item, page)).collect();
    Ok(store.change(place(mutation)?, &keys::pages(item, page), &names).await?)
}

/// Changes an item and a shelf, and so two contexts.
#[client(affects = [ItemContext, ShelfContext])]
async fn bump_both(store: State<Store>, item: i64, shelf: i64, mutation: i64) -> Result<Seen> {
    let (item, shelf) = (place(item)?, place(shelf)?);
    let names = [item_name(item), shelf_name(shelf)];
    let numbers = [keys::item(item), keys::shelf(shelf)];
    Ok(store.change(place(mutation)?, &numbers, &names).await?)
}

/// Changes a shelf and all that lies on it. No argument says which items, so all are touched.
#[client(affects = [ItemContext, ShelfContext])]
async fn sweep(store: State<Store>, shelf: i64, mutation: i64) -> Result<Seen> {
    let shelf = place(shelf)?;
    let names: Vec<String> =
        keys::on_shelf(shelf).map(item_name).chain([shelf_name(shelf)]).collect();
    let items = keys::on_shelf(shelf).map(keys::item);
    let numbers: Vec<usize> = items.chain([keys::shelf(shelf)]).collect();
    Ok(store.change(place(mutation)?, &numbers, &names).await?)
}

/// Serves until the process is killed, or until its parent is gone.
pub(crate) fn serve(options: ServerOptions) -> std::result::Result<(), Box<dyn Error>> {
    thread::spawn(|| {
        // Nothing is ever sent; the end of the input is the end of the race.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let naive = options.naive.as_deref().map(Naive::new).transpose()?;
    let policy = CachePolicy {
        lease: LEASE,
        write_timeout: Duration::from_millis(200),
        breaker_pause: Duration::from_millis(200),
        ..CachePolicy::default()
    };
    let number = options.number;
    let built = || {
        let store = Store::new(number, options.database, naive);
        Mizan::builder().state(store).cache_policy(policy).check_effects(false).build()
    };
    match Adapter::of(number) {
        Adapter::Actix => mizan_actix::block_on(async {
            Ok(mizan_actix::Server::new(built()?).workers(1).run("127.0.0.1:0").await?)
        }),
        Adapter::Axum => mizan_axum::block_on(async {
            Ok(mizan_axum::Server::new(built()?).workers(1).run("127.0.0.1:0").await?)
        }),
    }
}

/// What serves a process.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Adapter {
    Actix,
    Axum,
}

impl Adapter {
    /// Every second server is one of axum.
    pub(crate) fn of(number: usize) -> Self {
        if number.is_multiple_of(2) { Self::Actix } else { Self::Axum }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Actix => "actix",
            Self::Axum => "axum",
        }
    }
}

fn place(number: i64) -> Result<usize> {
    usize::try_from(number).map_err(|_| mizan_core::Error::bad_request("a number is not negative"))
}

fn item_name(item: usize) -> String {
    format!("item_version:{item}")
}

fn page_name(item: usize, page: Option<usize>) -> String {
    page.map_or_else(|| format!("item_page:{item}:all"), |page| format!("item_page:{item}:{page}"))
}

fn shelf_name(shelf: usize) -> String {
    format!("shelf_total:{shelf}")
}
