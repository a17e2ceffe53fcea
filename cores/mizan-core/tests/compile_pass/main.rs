//! Everything that `#[client]` accepts works when it is run. This is a user's crate: no warning
//! may come from what the macros write, whatever lints are on and whether a function is used or not.

#![deny(warnings, missing_docs, unreachable_pub, clippy::pedantic)]
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::unnecessary_wraps, reason = "the return types are what is tested")]
#![allow(clippy::unused_async, reason = "the functions have nothing to wait for")]
#![allow(clippy::needless_pass_by_value, reason = "arguments are owned, used or not")]

use mizan_core::testing::TestRequest;
use mizan_core::{
    Context, Error, GlobalContext, Identity, IdentityFuture, Mizan, RawRequest, Request,
    RequestParts, Result, State, UserRequest, View, client, functions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod arguments;
mod graph;
mod guards;
mod parameters;
mod returns;
mod validation;

use graph::user_profile;

/// A user.
#[derive(Context)]
pub struct UserContext;

#[derive(Context)]
#[context(name = "orders_of_a_user")]
struct OrdersContext;

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Profile {
    id: i64,
    name: String,
}

/// What the functions get as state.
struct Greeting(&'static str);
struct Limit(i64);

#[derive(Debug)]
struct OutOfStock;

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of stock")
    }
}

impl std::error::Error for OutOfStock {}

/// A name of our own for the core.
mod renamed {
    /// The core under another name.
    pub(crate) mod web {
        pub(crate) use mizan_core as mizan;
    }

    #[derive(mizan_core::Context)]
    #[context(name = "renamed", crate = web::mizan)]
    struct RenamedContext;

    #[mizan_core::client(crate = web::mizan, context = RenamedContext)]
    async fn by_renamed_crate(user_id: i64) -> i64 {
        user_id
    }
}

/// Functions that a `macro_rules!` writes: names and types come from two places.
mod written_by_a_macro {
    use super::*;

    macro_rules! getter {
        ($name:ident, $view:ty, $state:ty, $argument:ident: $type:ty, $guard:path, $text:literal) => {
            #[client(auth = $guard, affects = [$text])]
            async fn $name(
                request: $view,
                greeting: $state,
                $argument: $type,
                #[default = $text] label: String,
            ) -> Result<$type> {
                let _ = (request, greeting, label);
                Ok($argument)
            }
        };
    }

    getter!(written, &UserRequest, State<Greeting>, value: i64, guards::sync_plain, "orders_of_a_user");
}

/// Attributes beside `#[client]`.
mod attributes {
    use super::*;

    #[client]
    #[cfg(any())]
    async fn configured_out() -> DoesNotExist {}

    #[client]
    #[deprecated = "use another"]
    async fn old() {}

    #[client(private)]
    fn sweep() {}

    #[client]
    const fn constant() -> i64 {
        5
    }
}

/// Takes `x-user: 7 staff` for the caller.
struct ByHeader;

impl mizan_core::Authenticator for ByHeader {
    fn identify<'a>(&'a self, parts: &'a RequestParts) -> IdentityFuture<'a> {
        Box::pin(async {
            Ok(parts.headers.get("x-user").map(|text| {
                let has = |word| text.split(' ').any(|part| part == word);
                let subject = text.split(' ').next().unwrap_or_default();
                Identity::new(subject).staff(has("staff")).superuser(has("superuser"))
            }))
        })
    }
}

fn mizan() -> Mizan {
    Mizan::builder()
        .state(Greeting("hello"))
        .state(Limit(40))
        .authenticator(ByHeader)
        .build()
        .unwrap()
}

async fn send(request: TestRequest) -> String {
    let response = request.send(&mizan()).await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    match response.header("location") {
        Some(location) => format!("{} -> {location}", response.status()),
        None => format!("{} {body}", response.status()),
    }
}

/// Calls a function as the caller that `headers` describe.
async fn call_as(headers: &[(&'static str, &'static str)], function: &str, args: &str) -> String {
    let request = TestRequest::new("POST", "/api/mizan/call/");
    let request = request.header("content-type", "application/json");
    let named = |request: TestRequest, (name, value): &(&str, &str)| request.header(name, value);
    let request = headers.iter().fold(request, named);
    send(request.body(format!("{{\"fn\":\"{function}\",\"args\":{args}}}"))).await
}

async fn check(function: &str, args: &str, expected: &str) {
    assert_eq!(call_as(&[], function, args).await, expected, "{function}({args})");
}

async fn check_read(context: &str, query: &str, expected: &str) {
    let request = TestRequest::new("GET", &format!("/api/mizan/ctx/{context}/")).query(query);
    assert_eq!(send(request).await, expected, "{context}?{query}");
}

#[test]
fn the_document_says_what_was_declared() {
    let document = mizan().document();
    let profile = &document.functions["user_profile"];
    assert_eq!(profile.doc.as_deref(), Some("One user.\n\nBy id."));
    let defaults = &document.functions["defaults"].params;
    let shown = defaults.iter().map(|param| param.default.clone().unwrap_or_default().to_string());
    assert_eq!(shown.collect::<Vec<_>>(), ["\"acme\"", "1", "2", "7", "3", "[1,2]", "-1.5"]);
    assert!(!document.functions.contains_key("sweep"));
    assert_eq!(document.contexts["user"].doc.as_deref(), Some("A user."));
}

#[tokio::test]
async fn a_function_stays_a_function() {
    assert_eq!(parameters::takes_request(&Request::default()), "request");
    assert_eq!(user_profile(5).await, Profile { id: 5, name: "Ryth".into() });
    assert_eq!(graph::inner::rename(1, "a".into()).await.name, "a");
}

#[test]
fn functions_are_listed_by_path() {
    let listed =
        functions![graph::user_profile, graph::inner::rename, self::parameters::takes_request,];
    let names: Vec<&str> = listed.iter().map(mizan_core::Function::name).collect();
    assert_eq!(names, ["user_profile", "rename", "takes_request"]);
    let listed = functions![graph::user_profile];
    let mizan = mizan_core::Builder::empty().functions(listed).build().unwrap();
    assert_eq!((mizan.function_count(), mizan.context_count()), (1, 1));
}
