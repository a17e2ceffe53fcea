//! The application that is attacked: typed arguments, a sign-in, and texts that must never come out.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use mizan_core::{
    BigInt, Builder, Context, Identity, IdentityFuture, Mizan, RawRequest, Result, Secret, State,
    UserRequest, UserStore, client, functions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text of this process that is in secrets, causes of errors and other internals, and in no
/// response. No input can hold it by chance.
pub(crate) fn marker() -> &'static str {
    static MARKER: OnceLock<String> = OnceLock::new();
    MARKER.get_or_init(|| format!("planted-{:016x}", RandomState::new().hash_one(0)))
}

#[derive(Context)]
pub(crate) struct ShopContext;

#[derive(Context)]
pub(crate) struct MeContext;

/// What functions share.
struct Internals(String);

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Item {
    id: i64,
    #[serde(default)]
    tags: Vec<String>,
    color: Option<Color>,
}

/// What [`mix`] was given, as it was read.
#[derive(Serialize, JsonSchema)]
struct Mixed {
    count: i64,
    small: u8,
    ratio: f64,
    flag: bool,
    text: String,
    tags: Vec<i64>,
    note: Option<String>,
    item: Option<Item>,
    big: Option<BigInt>,
}

#[client(affects = ShopContext, scope = [count, small, ratio, flag, text, tags, note])]
#[allow(clippy::too_many_arguments, reason = "one of each type")]
async fn mix(
    count: i64,
    #[default = 7] small: u8,
    #[default = 0.5] ratio: f64,
    #[default = true] flag: bool,
    #[default = "x"] text: String,
    #[default = vec![]] tags: Vec<i64>,
    note: Option<String>,
    item: Option<Item>,
    big: Option<BigInt>,
) -> Mixed {
    Mixed { count, small, ratio, flag, text, tags, note, item, big }
}

#[client(context = ShopContext)]
async fn asked(
    count: i64,
    #[default = 7] small: u8,
    #[default = 0.5] ratio: f64,
    #[default = true] flag: bool,
    #[default = "x"] text: String,
    #[default = vec![]] tags: Vec<i64>,
    note: Option<String>,
) -> Mixed {
    Mixed { count, small, ratio, flag, text, tags, note, item: None, big: None }
}

/// Fails after it began, with a cause that is for the log alone.
#[client(affects = ShopContext)]
async fn fail(internals: State<Internals>) -> Result<()> {
    Err(std::io::Error::other(internals.0.clone()).into())
}

#[client(private, affects = ShopContext)]
async fn hidden() -> String {
    marker().into()
}

#[client(auth = "staff", affects = ShopContext)]
async fn staff_only() -> String {
    marker().into()
}

#[client(affects = MeContext)]
async fn sign_in(request: &RawRequest, name: String) -> Result<()> {
    request.session().sign_in(&name, marker()).await
}

fn name(request: &UserRequest) -> Option<String> {
    request.user().map(|user| user.subject().to_owned())
}

#[client(context = MeContext)]
async fn me(request: &UserRequest) -> Option<String> {
    name(request)
}

#[client]
async fn whoami(request: &UserRequest) -> Option<String> {
    name(request)
}

/// Two users: no one else may sign in.
struct Users;

impl UserStore for Users {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        let found = ["ann", "bob"].contains(&subject).then(|| Identity::new(subject));
        Box::pin(async move { Ok(found) })
    }
}

fn secret(purpose: &str) -> Secret {
    Secret::new(format!("{}-{purpose}-0123456789", marker())).unwrap()
}

/// The functions without a sign-in, so that no one reads the head of a request.
pub(crate) fn plain() -> Builder {
    Builder::empty()
        .functions(functions![mix, asked, fail, hidden, staff_only])
        .state(Internals(format!("{} in /srv/app", marker())))
        .jwt_private_key(secret("jwt"))
}

/// Everything, with the framework's own sign-in.
pub(crate) fn signed() -> Mizan {
    let keys = mizan_core::KeyRing::new(secret("mwt"));
    let builder = plain().functions(functions![sign_in, me, whoami]).users(Users).edge_keys(keys);
    // Every input is to be looked at.
    let builder = builder.limit_session_endpoints(None);
    builder.no_cache().build().unwrap()
}
