//! Pages that need no JavaScript: the profile as a form, and signing in and out. The same rules and the
//! same statements as the calls of the client, with pages and redirects as responses. Where JavaScript is on, htmx
//! sends the form and fetches what the response makes stale (`client/src/enhance.ts`).

mod pages;

use mizan_core::{ErrorCode, GlobalContext, RawRequest, Result, State, View, client};
use serde::Serialize;

use crate::account::AccountName;
use crate::db::Db;
use crate::rules::{address, characters};
use crate::way_back::is_way_back;
use crate::{
    DevicesContext, OrdersContext, ProfileContext, StaffContext, StallCardContext, StallContext,
};
use crate::{account, identity, profile};

pub use pages::Pages;
use pages::{Field, titled};

/// The profile of a user as a form.
#[client(context = ProfileContext, route = "/classic/profile/<user_id>/", methods = ["GET"])]
pub async fn classic_profile(
    request: &RawRequest,
    db: State<Db>,
    pages: State<Pages>,
    user_id: i64,
) -> Result<View> {
    if let Some(refusal) = refusal(request, &pages, user_id)? {
        return Ok(refusal);
    }
    let profile::ProfileDetails { name, city, bio, email, .. } =
        profile::details(&db, user_id).await?;
    // No argument: those are parameters of the context.
    let saved = request.parts().query == "saved";
    let fields = profile_fields(&name, &city, &email, &bio);
    form(request, &db, &pages, user_id, &fields, saved).await
}

/// Saves the form and shows it again: with its faults, or as it is now.
#[client(
    private,
    route = "/classic/profile/<user_id>/",
    affects = [ProfileContext, GlobalContext, StallCardContext, StallContext, OrdersContext, StaffContext]
)]
#[allow(clippy::too_many_arguments)]
pub async fn classic_save_profile(
    request: &RawRequest,
    db: State<Db>,
    pages: State<Pages>,
    user_id: i64,
    name: String,
    city: String,
    bio: String,
    email: String,
) -> Result<View> {
    if let Some(refusal) = refusal(request, &pages, user_id)? {
        return Ok(refusal);
    }
    let [name_field, city_field, email_field, bio_field] =
        profile_fields(&name, &city, &email, &bio);
    let fields = [
        name_field.checked(characters(1, 60)(&name, &())),
        city_field.checked(characters(0, 60)(&city, &())),
        email_field.checked(characters(0, 120)(&email, &())).checked(address(&email, &())),
        bio_field.checked(characters(0, 400)(&bio, &())),
    ];
    if fields.iter().any(Field::is_faulty) {
        return form(request, &db, &pages, user_id, &fields, false).await;
    }
    profile::save(&db, user_id, &name, &city, &bio, &email).await?;
    if is_htmx(request) {
        // A browser follows a redirect before htmx sees it, and what the change makes stale would be lost.
        return form(request, &db, &pages, user_id, &fields, true).await;
    }
    Ok(View::see_other(format!("/classic/profile/{user_id}/?saved")))
}

/// A form for name and password.
#[client(private, route = "/classic/sign-in/", methods = ["GET"])]
pub async fn classic_sign_in_form(
    request: &RawRequest,
    pages: State<Pages>,
    #[default = ""] next: String,
) -> Result<View> {
    pages.form("sign-in.html", request, &sign_in_fields(""), sign_in_page(&next))
}

/// Signs in, and goes to where it was asked for.
#[client(private, affects = DevicesContext, route = "/classic/sign-in/", rate = "10/5min by name")]
pub async fn classic_sign_in(
    request: &RawRequest,
    db: State<Db>,
    pages: State<Pages>,
    name: AccountName,
    password: String,
    #[default = ""] next: String,
) -> Result<View> {
    let [name_field, password_field] = sign_in_fields(name.as_ref());
    let fields = [
        name_field.checked(characters(1, 60)(name.as_ref(), &())),
        password_field.checked(characters(1, 200)(&password, &())),
    ];
    if fields.iter().any(Field::is_faulty) {
        return pages.form("sign-in.html", request, &fields, sign_in_page(&next));
    }
    match account::enter(request, &db, &name, password).await {
        Ok(_) if is_way_back(&next) => Ok(View::see_other(next)),
        Ok(user_id) => Ok(View::see_other(format!("/classic/profile/{user_id}/"))),
        Err(error) if error.code() == ErrorCode::InternalError => Err(error),
        Err(error) => {
            let mut page = sign_in_page(&next);
            page.insert("complaint", error.message());
            pages.form("sign-in.html", request, &fields, page)
        }
    }
}

/// Signs out.
#[client(private, affects = DevicesContext, route = "/classic/sign-out/")]
pub async fn classic_sign_out(request: &RawRequest) -> Result<View> {
    request.session().sign_out().await?;
    Ok(View::see_other("/classic/sign-in/"))
}

/// What is shown instead of a profile that is not the caller's.
fn refusal(request: &RawRequest, pages: &Pages, user_id: i64) -> Result<Option<View>> {
    if request.user().is_none() {
        let next = format!("/classic/sign-in/?next=/classic/profile/{user_id}/");
        return Ok(Some(if is_htmx(request) {
            View::html("").with_header("HX-Redirect", next)
        } else {
            View::redirect(next)
        }));
    }
    match identity::only(request, user_id) {
        Ok(()) => Ok(None),
        Err(error) => pages.notice(403, "Not yours", error.message()).map(Some),
    }
}

/// Whether htmx sends this.
fn is_htmx(request: &RawRequest) -> bool {
    request.header("HX-Request") == Some("true")
}

/// What the page shows of a user around the form, as it is in the database.
#[derive(sqlx::FromRow, Serialize)]
struct Around {
    name: String,
    stall_id: Option<i64>,
    stall: Option<String>,
    /// Those in the basket.
    pieces: i64,
}

async fn form(
    request: &RawRequest,
    db: &Db,
    pages: &Pages,
    user_id: i64,
    fields: &[Field<'_>],
    saved: bool,
) -> Result<View> {
    let around: Around = sqlx::query_as(
        "SELECT u.name, s.id AS stall_id, s.name AS stall, \
         CAST((SELECT COALESCE(SUM(quantity), 0) FROM basket_lines WHERE user_id = u.id) AS BIGINT) \
         AS pieces FROM users u LEFT JOIN stalls s ON s.user_id = u.id WHERE u.id = $1",
    )
    .bind(user_id)
    .fetch_one(db.pool())
    .await?;
    let mut page = titled("Profile");
    page.insert("user_id", &user_id);
    page.insert("around", &around);
    page.insert("saved", &saved);
    pages.form("profile.html", request, fields, page)
}

fn profile_fields<'a>(
    name: &'a str,
    city: &'a str,
    email: &'a str,
    bio: &'a str,
) -> [Field<'a>; 4] {
    [
        Field::new("name", "Name", "text").autocomplete("name").value(name),
        Field::new("city", "City", "text").autocomplete("address-level2").value(city),
        Field::new("email", "E-mail", "email").autocomplete("email").value(email),
        Field::new("bio", "About you", "textarea").value(bio),
    ]
}

fn sign_in_page(next: &str) -> tera::Context {
    let mut page = titled("Sign in");
    page.insert("next", next);
    page
}

/// A password that was wrong is typed again.
fn sign_in_fields(name: &str) -> [Field<'_>; 2] {
    [
        Field::new("name", "Name", "text").autocomplete("username").value(name),
        Field::new("password", "Password", "password").autocomplete("current-password"),
    ]
}
