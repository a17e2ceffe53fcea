//! The pages that the server renders: the application of the client at an address, with what it reads there.
//!
//! Every other address of the client is its `index.html`, which the adapter sends.

use std::fs;
use std::path::PathBuf;

use mizan_core::{Pages, Result, State, View, client};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::db::Db;
use crate::{HallContext, StallCardContext, StallContext, hall, stall};

/// How the addresses below are shown.
#[derive(Debug, Clone)]
pub enum Site {
    /// Rendered, by a worker or by the browser.
    Rendered,
    /// By the `index.html` of a client that was built without its worker.
    Plain(String),
    /// There is no client.
    Missing,
}

impl Site {
    /// The client that `MIZAN_ASSETS` names.
    pub fn from_env() -> (Self, std::result::Result<Pages, String>) {
        let folder = std::env::var_os("MIZAN_ASSETS").filter(|folder| !folder.is_empty());
        Self::of(folder.map(PathBuf::from))
    }

    /// The client in a folder, and what renders its pages. The worker and the template around a page are in the folder next
    /// to it, `<folder>-worker`. Without one of them, what to do about it.
    pub fn of(folder: Option<PathBuf>) -> (Self, std::result::Result<Pages, String>) {
        let Some(folder) = folder else {
            let why = "no pages: run `npm run build -w souk-client`, then start with MIZAN_ASSETS=examples/souk/client/dist";
            return (Self::Missing, Err(why.into()));
        };
        let mut beside = folder.clone().into_os_string();
        beside.push("-worker");
        let beside = PathBuf::from(beside);
        let (worker, shell) = (beside.join("worker.js"), beside.join("shell.html"));
        if folder.join(".vite/manifest.json").is_file() && worker.is_file() && shell.is_file() {
            return (Self::Rendered, Ok(Pages::new(folder).worker(worker).shell(shell)));
        }
        let why = format!(
            "pages are rendered by the browser: `{}` or its manifest is missing, run `npm run build -w souk-client`",
            worker.display()
        );
        let index = fs::read_to_string(folder.join("index.html"));
        (index.map_or(Self::Missing, Self::Plain), Err(why))
    }

    /// The application at an address.
    fn at(&self, path: &str, query: Value) -> View {
        match self {
            Self::Rendered => View::page("App", json!({ "path": path, "query": query })),
            Self::Plain(index) => View::html(index.clone()),
            Self::Missing => View::html("The client of Souk is not built.").with_status(404),
        }
    }

    fn is_rendered(&self) -> bool {
        matches!(self, Self::Rendered)
    }
}

/// The hall, or one category of it. It reads which cards there are, so the page has them too.
#[client(context = HallContext, route = "/", methods = ["GET"])]
pub async fn hall_page(site: State<Site>, db: State<Db>, category: Option<String>) -> Result<View> {
    let category = category.filter(|category| !category.is_empty());
    let query = category.as_ref().map_or(json!({}), |category| json!({ "category": category }));
    let page = site.at("/", query.clone());
    if !site.is_rendered() {
        return Ok(page);
    }
    let is_filtered = category.is_some();
    let stalls = hall::stalls(&db, category).await?;
    // Any word may be asked for: pages of those that are no category are not kept.
    let status = if is_filtered && stalls.is_empty() { 404 } else { 200 };
    let page = page.with_status(status).with::<HallContext>(query);
    Ok(stalls.iter().fold(page, |page, stall| page.with::<StallCardContext>(stall.card())))
}

/// The pages of stalls that are there from the start.
#[derive(sqlx::FromRow, Serialize, JsonSchema)]
pub struct StallPage {
    stall_id: i64,
}

/// Every stall.
#[client(private)]
pub async fn stall_pages(db: State<Db>) -> Result<Vec<StallPage>> {
    let stalls = sqlx::query_as("SELECT id AS stall_id FROM stalls ORDER BY id");
    Ok(stalls.fetch_all(db.pool()).await?)
}

/// One stall.
#[client(context = StallContext, route = "/stalls/<stall_id>/", methods = ["GET"], pages = stall_pages)]
pub async fn stall_page(site: State<Site>, db: State<Db>, stall_id: i64) -> Result<View> {
    let page = site.at(&format!("/stalls/{stall_id}"), json!({}));
    if !site.is_rendered() {
        return Ok(page);
    }
    let status = if stall::exists(&db, stall_id).await? { 200 } else { 404 };
    Ok(page.with_status(status).with::<StallContext>(json!({ "stall_id": stall_id })))
}
