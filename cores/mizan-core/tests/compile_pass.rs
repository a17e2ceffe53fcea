//! Everything that `#[client]` accepts works when it is run. This file is a user's crate: no warning
//! may come from what the macros write, whatever lints are on and whether a function is used or not.

#![deny(warnings, missing_docs, unreachable_pub, clippy::pedantic)]
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(clippy::unnecessary_wraps, reason = "the return types are what is tested")]
#![allow(clippy::unused_async, reason = "the functions have nothing to wait for")]
#![allow(clippy::needless_pass_by_value, reason = "arguments are owned, used or not")]

use std::net::SocketAddr;

use mizan_core::{
    Context, Error, GlobalContext, Headers, Identity, IdentityFuture, Mizan, Next, ProtocolHeader,
    RawRequest, Request, RequestHead, RequestParts, Result, State, UserRequest, View, client,
    functions,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Return types.
mod returns {
    use super::*;
    use std::result::Result as StdResult;

    type Answer<T> = mizan_core::Result<T>;

    #[client]
    async fn of_alias() -> Answer<Profile> {
        Ok(Profile { id: 1, name: "Ryth".into() })
    }

    #[client]
    async fn of_std_result() -> StdResult<i64, OutOfStock> {
        Err(OutOfStock)
    }

    #[client]
    async fn of_io_result() -> std::io::Result<i64> {
        Ok(2)
    }

    #[client]
    async fn of_plain_value() -> Profile {
        Profile { id: 3, name: "Ayu".into() }
    }

    #[client]
    async fn of_static_text() -> &'static str {
        "plain"
    }

    #[client]
    async fn of_nothing() {}

    #[client]
    async fn of_unit_result() -> Result<()> {
        Err(Error::not_found("no such thing"))
    }

    #[client]
    async fn of_view() -> View {
        View::html("<p>hello</p>").with_status(201)
    }

    #[client]
    fn of_fallible_view() -> Result<View> {
        Ok(View::redirect("/elsewhere/"))
    }

    #[client]
    fn of_sync_function() -> Result<i64> {
        Ok(4)
    }
}

/// Requests and states.
mod parameters {
    use super::*;

    #[client]
    pub(super) fn takes_request(_: &Request) -> &'static str {
        "request"
    }

    #[client]
    async fn takes_user(request: &UserRequest) -> Result<String> {
        Ok(request.identity()?.subject().to_owned())
    }

    #[client]
    async fn takes_raw(request: &RawRequest) -> Option<String> {
        request.header("x-tea").map(ToOwned::to_owned)
    }

    type Caller = UserRequest;

    #[client]
    async fn takes_alias(request: &Caller) -> bool {
        request.user().is_some()
    }

    #[client]
    async fn takes_states(
        request: &Request,
        greeting: State<Greeting>,
        same: mizan_core::State<Greeting>,
        limit: State<Limit>,
        extra: i64,
    ) -> String {
        let _ = request;
        format!("{} {} {}", greeting.0, same.0.len(), limit.0 + extra)
    }

    #[client]
    fn takes_state_in_sync(greeting: State<Greeting>) -> String {
        greeting.0.to_owned()
    }
}

/// Arguments and their defaults.
mod arguments {
    use super::*;

    const FIRST: i64 = 7;

    #[client]
    async fn optional(name: Option<String>, at: Option<i64>) -> String {
        format!("{name:?} {at:?}")
    }

    #[client]
    async fn defaults(
        #[default = "acme"] company: String,
        #[default = 1] page: i64,
        #[default = 2] size: u64,
        #[default = FIRST] first: i64,
        #[default = Some(3)] third: Option<i64>,
        #[default = vec![1, 2]] list: Vec<u8>,
        #[default = -1.5] ratio: f64,
    ) -> String {
        format!("{company} {page} {size} {first} {third:?} {list:?} {ratio}")
    }

    #[client]
    fn odd_names(r#type: String, mut x: i64) -> String {
        x += 1;
        format!("{type} {x}", r#type = r#type)
    }

    #[client]
    async fn structured(profile: Profile, tags: Vec<String>) -> usize {
        profile.name.len() + tags.len()
    }

    #[client]
    #[expect(clippy::too_many_arguments, reason = "twelve is the most")]
    #[expect(clippy::many_single_char_names, reason = "twelve is the most")]
    async fn twelve(
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
    ) -> u8 {
        a + b + c + d + e + f + g + h + i + j + k + l
    }
}

/// Guards, by every form.
mod guards {
    use super::*;

    pub(super) fn sync_plain(_: &Request) -> bool {
        true
    }

    fn sync_fallible(request: &UserRequest) -> Result<bool> {
        Ok(request.identity()?.subject() == "7")
    }

    async fn async_plain(request: &UserRequest) -> bool {
        request.user().is_some_and(|user| user.subject() == "7")
    }

    async fn async_fallible(request: &RawRequest) -> Result<bool> {
        Ok(request.header("x-tea") == Some("green"))
    }

    #[client(auth)]
    async fn for_anybody_known() {}

    #[client(auth = "staff")]
    async fn for_staff() {}

    #[client(auth = "superuser")]
    async fn for_superuser() {}

    #[client(auth = sync_plain)]
    async fn by_sync_plain() {}

    #[client(auth = super::guards::sync_fallible)]
    async fn by_sync_fallible() {}

    #[client(auth = async_plain)]
    fn by_async_plain() {}

    #[client(auth = self::async_fallible)]
    async fn by_async_fallible() {}
}

/// Reads, and what affects them.
mod graph {
    use super::*;

    /// One user.
    ///
    /// By id.
    #[client(context = UserContext, rev = 2, cache = 60)]
    pub(super) async fn user_profile(user_id: i64) -> Profile {
        Profile { id: user_id, name: "Ryth".into() }
    }

    #[client(context = "user", cache = false)]
    async fn user_stock(user_id: i64) -> Vec<i64> {
        vec![user_id]
    }

    #[client(context = OrdersContext, name = "orders")]
    async fn orders_by_another_name(user_id: i64) -> i64 {
        user_id
    }

    #[client(context = GlobalContext)]
    async fn motto() -> &'static str {
        "tea"
    }

    pub(super) mod inner {
        use super::*;

        #[client(affects = [UserContext, super::user_profile, "orders"])]
        pub(crate) async fn rename(user_id: i64, name: String) -> Profile {
            Profile { id: user_id, name }
        }

        #[client(affects = super::super::user_profile)]
        async fn rename_by_re_export(user_id: i64) -> i64 {
            user_id
        }

        #[client(affects = UserContext, scope = none)]
        async fn rename_all(user_id: i64) -> i64 {
            user_id
        }

        #[client(affects = UserContext, scope = [user_id = id])]
        async fn rename_by_id(id: i64) -> i64 {
            id
        }

        #[client(merge = UserContext, affects = "orders_of_a_user")]
        async fn rename_and_merge(user_id: i64) -> Profile {
            Profile { id: user_id, name: "merged".into() }
        }
    }
}

use graph::user_profile;

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

/// Rules of garde on arguments.
mod validation {
    use super::*;

    #[derive(Deserialize, JsonSchema, garde::Validate)]
    struct Order {
        #[garde(range(min = 1))]
        count: i64,
        #[garde(inner(length(min = 1)))]
        tags: Vec<String>,
    }

    #[client]
    async fn place(
        #[garde(length(min = 3))] title: String,
        #[garde(dive)] order: Order,
        #[garde(inner(range(max = 9)))]
        #[default = Some(1)]
        page: Option<i64>,
        comment: Option<String>,
    ) -> Result<String> {
        assert!(title.len() >= 3, "validation stands before the body");
        Ok(format!("{title} {} {} {page:?} {comment:?}", order.count, order.tags.len()))
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

#[tokio::test]
async fn return_types() {
    check("of_alias", "{}", r#"200 {"result":{"id":1,"name":"Ryth"}}"#).await;
    check("of_io_result", "{}", r#"200 {"result":2}"#).await;
    check("of_plain_value", "{}", r#"200 {"result":{"id":3,"name":"Ayu"}}"#).await;
    check("of_static_text", "{}", r#"200 {"result":"plain"}"#).await;
    check("of_nothing", "{}", r#"200 {"result":null}"#).await;
    check(
        "of_unit_result",
        "{}",
        r#"404 {"error":{"code":"NOT_FOUND","message":"no such thing"}}"#,
    )
    .await;
    check("of_view", "{}", "201 <p>hello</p>").await;
    check("of_fallible_view", "{}", "302 -> /elsewhere/").await;
    check("of_sync_function", "{}", r#"200 {"result":4}"#).await;
    let foreign = call_as(&[], "of_std_result", "{}").await;
    assert!(foreign.starts_with(r#"500 {"error":{"code":"INTERNAL_ERROR""#), "{foreign}");
}

#[tokio::test]
async fn requests_and_states() {
    check("takes_request", "{}", r#"200 {"result":"request"}"#).await;
    check("takes_raw", "{}", r#"200 {"result":null}"#).await;
    check("takes_states", r#"{"extra":2}"#, r#"200 {"result":"hello 5 42"}"#).await;
    check("takes_state_in_sync", "{}", r#"200 {"result":"hello"}"#).await;
    check("takes_alias", "{}", r#"200 {"result":false}"#).await;
    let as_user = call_as(&[("x-user", "007")], "takes_user", "{}").await;
    assert_eq!(as_user, r#"200 {"result":"007"}"#);
    let with_header = call_as(&[("x-tea", "green")], "takes_raw", "{}").await;
    assert_eq!(with_header, r#"200 {"result":"green"}"#);
}

#[tokio::test]
async fn arguments_and_defaults() {
    check("optional", "{}", r#"200 {"result":"None None"}"#).await;
    check("optional", r#"{"name":"a","at":1}"#, r#"200 {"result":"Some(\"a\") Some(1)"}"#).await;
    check("defaults", "{}", r#"200 {"result":"acme 1 2 7 Some(3) [1, 2] -1.5"}"#).await;
    check(
        "defaults",
        r#"{"company":"b","page":5,"size":6,"first":7,"third":null,"list":[],"ratio":0.5}"#,
        r#"200 {"result":"b 5 6 7 None [] 0.5"}"#,
    )
    .await;
    check("odd_names", r#"{"type":"t","x":1}"#, r#"200 {"result":"t 2"}"#).await;
    check(
        "structured",
        r#"{"profile":{"id":1,"name":"Ryth"},"tags":["a"]}"#,
        r#"200 {"result":5}"#,
    )
    .await;
    let args: Vec<String> = ('a'..='l').map(|name| format!("\"{name}\":1")).collect();
    check("twelve", &format!("{{{}}}", args.join(",")), r#"200 {"result":12}"#).await;
    check("written", r#"{"value":5}"#, r#"200 {"result":5,"invalidate":["orders_of_a_user"]}"#)
        .await;
    check("constant", "{}", r#"200 {"result":5}"#).await;
    check("old", "{}", r#"200 {"result":null}"#).await;
    let private = call_as(&[], "sweep", "{}").await;
    assert!(private.starts_with("404 "), "{private}");
    let gone = call_as(&[], "configured_out", "{}").await;
    assert!(gone.starts_with("404 "), "{gone}");
}

#[tokio::test]
async fn guards_of_every_form() {
    // The statuses for an anonymous caller, for user 7 who brings green tea, for staff, for a superuser.
    for (function, expected) in [
        ("for_anybody_known", [401, 200, 200, 200]),
        ("for_staff", [401, 403, 200, 403]),
        ("for_superuser", [401, 403, 403, 200]),
        ("by_sync_plain", [200, 200, 200, 200]),
        ("by_sync_fallible", [401, 200, 403, 403]),
        ("by_async_plain", [403, 200, 403, 403]),
        ("by_async_fallible", [403, 200, 403, 403]),
    ] {
        let callers: [&[(&str, &str)]; 4] = [
            &[],
            &[("x-user", "7"), ("x-tea", "green")],
            &[("x-user", "8 staff")],
            &[("x-user", "9 superuser")],
        ];
        for (headers, status) in callers.into_iter().zip(expected) {
            let reply = call_as(headers, function, "{}").await;
            assert!(reply.starts_with(&status.to_string()), "{function} {headers:?}: {reply}");
        }
    }
}

#[tokio::test]
async fn reads_and_what_affects_them() {
    check_read(
        "user",
        "user_id=5",
        r#"200 {"user_profile":{"id":5,"name":"Ryth"},"user_stock":[5]}"#,
    )
    .await;
    check_read("orders_of_a_user", "user_id=5", r#"200 {"orders":5}"#).await;
    check_read("global", "", r#"200 {"motto":"tea"}"#).await;
    check_read("renamed", "user_id=5", r#"200 {"by_renamed_crate":5}"#).await;
    // By a broad target, by a function of a context, by a text, and with matched arguments.
    for (function, args, expected) in [
        (
            "rename",
            r#"{"user_id":5,"name":"A"}"#,
            r#"200 {"result":{"id":5,"name":"A"},"invalidate":[{"context":"user","params":{"user_id":5}},{"context":"orders_of_a_user","function":"orders","params":{"user_id":5}}]}"#,
        ),
        (
            "rename_by_re_export",
            r#"{"user_id":5}"#,
            r#"200 {"result":5,"invalidate":[{"context":"user","function":"user_profile","params":{"user_id":5}}]}"#,
        ),
        ("rename_all", r#"{"user_id":5}"#, r#"200 {"result":5,"invalidate":["user"]}"#),
        (
            "rename_by_id",
            r#"{"id":5}"#,
            r#"200 {"result":5,"invalidate":[{"context":"user","params":{"user_id":5}}]}"#,
        ),
        (
            "rename_and_merge",
            r#"{"user_id":5}"#,
            r#"200 {"result":{"id":5,"name":"merged"},"invalidate":[{"context":"orders_of_a_user","params":{"user_id":5}}],"merge":[{"context":"user","slot":"user_profile","params":{"user_id":5},"value":{"id":5,"name":"merged"},"mode":"replace"}]}"#,
        ),
    ] {
        check(function, args, expected).await;
    }
}

#[tokio::test]
async fn validation_comes_before_the_body() {
    check(
        "place",
        r#"{"title":"tea","order":{"count":1,"tags":["a"]}}"#,
        r#"200 {"result":"tea 1 1 Some(1) None"}"#,
    )
    .await;
    check("place", r#"{"title":"t","order":{"count":0,"tags":["a",""]},"page":10}"#, r#"422 {"error":{"code":"VALIDATION_ERROR","message":"input validation failed","details":{"fields":{"order.count":["lower than 1"],"order.tags.1":["length is lower than 1"],"page":["greater than 9"],"title":["length is lower than 3"]}}}}"#)
        .await;
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
