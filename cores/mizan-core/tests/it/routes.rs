//! Routes: paths, methods, arguments, and what their responses say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mizan_core::{
    Builder, Cors, Error, Function, Invocation, Mizan, ProtocolHeader, Result, View, Visibility,
};
use serde_json::{Value, json};

use mizan_core::testing::TestRequest;
use mizan_core::testing::TestResponse;

use crate::support::{function, get, json as body, param, post_call, send, view};

/// A page that shows its arguments.
fn page(name: &'static str, params: &[&str]) -> Function {
    answering(name, params, |args, _| Ok(View::html(Value::Object(args).to_string())))
}

fn answering(
    name: &'static str,
    params: &[&str],
    answer: impl Fn(mizan_core::dynamic::Args, Invocation) -> Result<View> + Send + Sync + 'static,
) -> Function {
    let params = params.iter().map(|text| param(text)).collect();
    let answer = Arc::new(answer);
    Function::dynamic_view(name, params, move |args, call| {
        let answer = Arc::clone(&answer);
        async move { answer(args, call) }
    })
}

fn mizan() -> Mizan {
    let functions = [
        function("profile", &["user_id"]).context("user"),
        page("profile_page", &["user_id", "tab:text=all", "tags:list"])
            .context("user")
            .route("/profile/<user_id>/"),
        answering("rename", &["user_id", "name:text", "loud:bool=false"], |args, _| {
            Ok(View::see_other(format!("/profile/{}/", args["user_id"])))
        })
        .affects("user")
        .route("/profile/<user_id>/")
        .method("POST")
        .method("PUT"),
        page("static_first", &[]).context("user").route("/profile/new/"),
        page("deep", &["a:text", "b:text"]).route("/<a>/x/<b>").method("GET"),
        page("root", &[]).route("/").method("GET"),
        answering("refuses", &["user_id"], |_, _| Ok(View::html("no").with_status(409)))
            .affects("user")
            .route("/refuses/<user_id>/"),
        answering("announces", &["user_id"], |_, _| {
            Ok(View::html("half").with_status(500).with_invalidation_on_error())
        })
        .affects("user")
        .route("/announces/<user_id>/"),
        answering("fails", &["user_id"], |_, _| Err(Error::internal("a secret path")))
            .affects("user")
            .route("/fails/<user_id>/"),
        page("guarded", &[]).auth_required().route("/guarded/").method("GET"),
        page("hook", &["order_id"]).affects("user").private().route("/hook/"),
        answering("echo", &[], |_, call| {
            let body = String::from_utf8_lossy(call.request().body()).into_owned();
            Ok(View::html(body))
        })
        .visibility(Visibility::Raw)
        .private()
        .route("/echo/"),
        answering("form", &[], |_, call| Ok(View::html(call.request().csrf_token())))
            .visibility(Visibility::Raw)
            .route("/form/")
            .method("GET"),
    ];
    Builder::empty().functions(functions).build().unwrap()
}

/// A request as `GET /path?query` or `POST /path` with the type of its body behind.
fn request(line: &str) -> TestRequest {
    let mut words = line.split(' ');
    let method = match words.next() {
        Some("GET") => "GET",
        Some("HEAD") => "HEAD",
        Some("POST") => "POST",
        Some("PUT") => "PUT",
        Some("OPTIONS") => "OPTIONS",
        _ => "DELETE",
    };
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let fake = TestRequest::new(method, path).query(query);
    match words.next() {
        Some("form") => fake.header("content-type", "application/x-www-form-urlencoded"),
        Some("json") => fake.header("content-type", "application/json; charset=utf-8"),
        Some(other) => fake.header("content-type", other),
        None => fake,
    }
}

/// Status, then what is there of: the code of an error or the page, place, targets and methods.
fn seen(reply: &TestResponse) -> String {
    let text = match body(reply)["error"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => String::from_utf8_lossy(reply.body()).into_owned(),
    };
    let allow = reply.header("allow");
    let all = [Some(&*text), reply.header("location"), reply.header("x-mizan-invalidate"), allow];
    let all = all.into_iter().flatten().filter(|text| !text.is_empty());
    all.fold(reply.status().to_string(), |seen, text| format!("{seen} {text}"))
}

async fn check(mizan: &Mizan, line: &str, body: &str, expected: &str) {
    let reply = send(mizan, &request(line), body).await;
    assert_eq!(seen(&reply), expected, "{line} {body}");
}

#[tokio::test]
async fn paths_and_methods_find_their_function() {
    let mizan = mizan();
    for (line, expected) in [
        ("GET /", "200 {}"),
        ("GET /profile/5/", r#"200 {"tab":"all","tags":[],"user_id":5}"#),
        ("GET /profile/5", r#"200 {"tab":"all","tags":[],"user_id":5}"#),
        ("HEAD /profile/5/", r#"200 {"tab":"all","tags":[],"user_id":5}"#),
        ("GET /profile/new/", "200 {}"),
        ("GET /profile/x/2", r#"200 {"a":"profile","b":"2"}"#),
        ("GET /profile/5//", "404 NOT_FOUND"),
        ("GET /profile//", "404 NOT_FOUND"),
        ("GET /profile/five/", "404 NOT_FOUND"),
        ("GET /profile/5.css", "404 NOT_FOUND"),
        ("GET /Profile/5/", "404 NOT_FOUND"),
        ("GET /profile/9007199254740993/", "404 NOT_FOUND"),
        ("DELETE /profile/5/", "405 METHOD_NOT_ALLOWED GET, HEAD, POST, PUT"),
        ("OPTIONS /profile/5/", "405 METHOD_NOT_ALLOWED GET, HEAD, POST, PUT"),
        ("GET /fails/5/", "405 METHOD_NOT_ALLOWED POST"),
        ("HEAD /fails/5/", "405 METHOD_NOT_ALLOWED POST"),
        ("GET /guarded/", "401 UNAUTHORIZED"),
        ("GET /nothing/", "404 NOT_FOUND"),
    ] {
        check(&mizan, line, "", expected).await;
    }
    assert!(mizan.has_route("/profile/5") && !mizan.has_route("/api/mizan/call/"));
}

#[tokio::test]
async fn arguments_come_from_path_query_form_and_json() {
    let mizan = mizan();
    for (line, sent, expected) in [
        (
            "GET /profile/5/?tab=a+b&tags=x&tags=y&other=1",
            "",
            r#"200 {"tab":"a b","tags":["x","y"],"user_id":5}"#,
        ),
        // The path says which one it is, whatever else is sent.
        ("GET /profile/5/?user_id=6", "", r#"200 {"tab":"all","tags":[],"user_id":5}"#),
        ("GET /a+b%20c%2Fd/x/%3C%3E/", "", r#"200 {"a":"a+b c/d","b":"<>"}"#),
        ("GET /%ff/x/b", "", "404 NOT_FOUND"),
        ("GET /%zz/x/b", "", "404 NOT_FOUND"),
        ("POST /profile/5/ form", "name=Ryth&csrf_token=x", "303 /profile/5/ user;user_id=5"),
        ("PUT /profile/5/ form", "name=Ryth&user_id=6", "303 /profile/5/ user;user_id=5"),
        (
            "POST /profile/5/ json",
            r#"{"name":"Ryth","loud":true}"#,
            "303 /profile/5/ user;user_id=5",
        ),
        (
            "POST /profile/5/ json",
            r#"{"name":"Ryth","user_id":6}"#,
            "303 /profile/5/ user;user_id=5",
        ),
        ("POST /profile/5/?name=x form", "", "422 VALIDATION_ERROR"),
        ("POST /profile/5/ form", "name=a&name=b", "422 VALIDATION_ERROR"),
        ("POST /profile/5/ form", "name=%zz", "422 VALIDATION_ERROR"),
        ("POST /profile/5/ json", r#"{"name":5}"#, "422 VALIDATION_ERROR"),
        ("POST /profile/5/ json", r#"{"name":"a","name":"b"}"#, "400 BAD_REQUEST"),
        ("POST /profile/5/ json", r#"["a"]"#, "400 BAD_REQUEST"),
        ("POST /profile/5/ json", "{", "400 BAD_REQUEST"),
        ("POST /profile/5/ json", "", "400 BAD_REQUEST"),
        ("POST /profile/5/ text/plain", r#"{"name":"a"}"#, "415 UNSUPPORTED_MEDIA_TYPE"),
        ("POST /profile/5/ multipart/form-data", "", "415 UNSUPPORTED_MEDIA_TYPE"),
        ("POST /profile/5/", "", "422 VALIDATION_ERROR"),
        ("POST /profile/x/ form", "name=a", "404 NOT_FOUND"),
        ("POST /echo/ text/plain", "as it is", "200 as it is"),
        ("POST /echo/ json", "[1]", "200 [1]"),
        ("POST /echo/ json", "", "200"),
        ("POST /echo/ form", "a=%zz", "200 a=%zz"),
        ("POST /hook/ json", r#"{"order_id":7}"#, r#"200 {"order_id":7} user"#),
    ] {
        check(&mizan, line, sent, expected).await;
    }
    let many = (0..=100).map(|at| format!("a{at}=1")).collect::<Vec<_>>().join("&");
    check(&mizan, "POST /profile/5/ form", &many, "400 BAD_REQUEST").await;
    let deep = format!(r#"{{"name":"a","x":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    check(&mizan, "POST /profile/5/ json", &deep, "400 BAD_REQUEST").await;
    let long = request("POST /profile/5/ json").header("content-length", "1048577");
    assert_eq!(send(&mizan, &long, "").await.status(), 413);
}

#[tokio::test]
async fn answers_say_what_is_old_in_the_header_only() {
    let mizan = mizan();
    for (line, sent, expected) in [
        ("POST /refuses/5/", "", "409 no"),
        ("POST /announces/5/", "", "500 half user;user_id=5"),
        ("POST /fails/5/", "", "500 INTERNAL_ERROR user;user_id=5"),
    ] {
        check(&mizan, line, sent, expected).await;
    }
    let reply = send(&mizan, &request("GET /profile/5/"), "").await;
    let header = |name| reply.header(name);
    assert_eq!(header("x-frame-options"), Some("DENY"));
    assert_eq!(header("referrer-policy"), Some("same-origin"));
    // Called like any other, a private function is not there, and one with a route is.
    for (name, args, status) in [
        ("hook", json!({ "order_id": 7 }), 404),
        ("rename", json!({ "user_id": 5, "name": "a" }), 303),
    ] {
        assert_eq!(crate::support::call(&mizan, name, args).await.status(), status, "{name}");
    }
    // A page is in its context's graph, and not in the bundle.
    let (status, bundle) = crate::support::read(&mizan, "user", "user_id=5").await;
    assert_eq!((status, bundle), (200, json!({ "profile": { "user_id": 5 } })));
}

#[tokio::test]
async fn a_view_sets_no_header_of_the_framework() {
    let views = [answering("page", &[], |_, _| {
        let names = ["Set-Cookie", "Content-Type", "X-Mizan-Invalidate", "X-Tea"];
        Ok(names.iter().fold(View::html(""), |view, name| view.with_header(name, "green")))
    })
    .route("/page/")];
    let mizan = Builder::empty().functions(views).build().unwrap();
    let reply = send(&mizan, &request("POST /page/"), "").await;
    let green = reply.response().headers().filter(|(_, value)| *value == "green");
    let names = green.map(|(name, _)| name.as_str().to_owned());
    assert_eq!(names.collect::<Vec<_>>(), ["x-tea"]);
}

#[tokio::test]
async fn a_form_of_a_browser_needs_its_token() {
    let mizan = mizan();
    let shown = send(&mizan, &request("GET /form/"), "").await;
    let token = String::from_utf8(shown.body().to_vec()).unwrap();
    let cookie = shown.cookies()[0].split(';').next().unwrap().to_owned();
    let post = |cookie: Option<&str>, site: &str, field: &str| {
        let form = request("POST /profile/5/ form").header("sec-fetch-site", site);
        let form = match cookie {
            Some(cookie) => form.header("cookie", cookie),
            None => form,
        };
        (form, format!("name=Ryth&csrf_token={field}"))
    };
    let other = send(&mizan, &request("GET /form/"), "").await;
    let other = String::from_utf8(other.body().to_vec()).unwrap();
    for (cookie, site, field, status) in [
        (Some(&*cookie), "same-origin", &*token, 303),
        (Some(&*cookie), "cross-site", &*token, 403),
        (Some(&*cookie), "same-site", &*token, 403),
        (Some(&*cookie), "same-origin", "", 403),
        (Some(&*cookie), "same-origin", &*other, 403),
        (Some("theme=dark"), "same-origin", &*token, 403),
        (None, "same-origin", "", 303),
        (None, "cross-site", &*token, 403),
    ] {
        let (form, body) = post(cookie, site, field);
        let reply = send(&mizan, &form, &body).await;
        assert_eq!(reply.status(), status, "{cookie:?} {site} {field}");
    }
    // A browser leaves the dots as they are; a program may encode them.
    let encoded = token.replace('.', "%2E");
    let (form, body) = post(Some(&cookie), "same-origin", &encoded);
    assert_eq!(send(&mizan, &form, &body).await.status(), 303);
    // Anyone who has the cookie gets no other.
    let again = send(&mizan, &request("GET /form/").header("cookie", &cookie), "").await;
    assert!(again.cookies().is_empty());
    // The header does as well, for a program's own requests.
    let json = request("POST /profile/5/ json").header("cookie", &cookie);
    let reply = send(&mizan, &json.header("x-csrftoken", &token), r#"{"name":"a"}"#).await;
    assert_eq!(reply.status(), 303);
}

#[tokio::test]
async fn a_page_that_is_dropped_stops_and_a_change_goes_on() {
    let ended = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let waiting = |name: &'static str| {
        let (ended, gate) = (Arc::clone(&ended), Arc::clone(&gate));
        Function::dynamic_view(name, vec![], move |_, _| {
            let (ended, gate) = (Arc::clone(&ended), Arc::clone(&gate));
            async move {
                drop(gate.acquire().await);
                ended.fetch_add(1, Ordering::SeqCst);
                Ok(View::empty(204))
            }
        })
    };
    let functions = [
        function("read", &[]).context("c"),
        waiting("page").route("/page/").method("GET"),
        waiting("change").affects("c").route("/change/"),
        waiting("linked").affects("c").route("/linked/").method("GET"),
    ];
    let mizan = Builder::empty().functions(functions).build().unwrap();
    for (line, under_way) in [("GET /page/", 0), ("POST /change/", 1), ("GET /linked/", 2)] {
        let request = request(line);
        let sent = send(&mizan, &request, "");
        tokio::select! {
            biased;
            _ = sent => panic!("{line} has not waited"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(mizan.live_calls(), under_way, "{line}");
    }
    gate.add_permits(10);
    mizan.stop().await;
    assert_eq!(ended.load(Ordering::SeqCst), 2);
    // A HEAD request of a page changes nothing, stopping or not.
    for (line, expected) in [
        ("HEAD /linked/", "405 METHOD_NOT_ALLOWED GET"),
        ("HEAD /page/", "204"),
        ("PUT /linked/", "405 METHOD_NOT_ALLOWED GET"),
        ("PUT /page/", "405 METHOD_NOT_ALLOWED GET, HEAD"),
    ] {
        check(&mizan, line, "", expected).await;
    }
    assert_eq!(send(&mizan, &request("POST /change/"), "").await.status(), 503);
    assert_eq!(send(&mizan, &request("GET /page/"), "").await.status(), 204);
}

#[test]
fn routes_stand_outside_of_the_mount_point() {
    let build = |mount: &str, route: &'static str| {
        let functions = [page("a", &[]).route(route)];
        Builder::empty().functions(functions).mount(mount).build()
    };
    for (mount, route, fine) in [
        ("/api/mizan", "/api/mizan/x/", false),
        ("/api/mizan", "/api/mizan", false),
        ("/api/mizan", "/api/mizanine/", true),
        ("/api/mizan", "/api/", true),
        ("", "/x/", true),
    ] {
        let built = build(mount, route);
        assert_eq!(built.is_ok(), fine, "{mount} {route}");
        if let Err(error) = built {
            assert!(error.problems()[0].message().contains(route), "{error:?}");
        }
    }
}

#[tokio::test]
async fn another_origin_is_answered_only_where_it_is_named() {
    let functions = || [function("read", &[]).context("c"), function("write", &[]).affects("c")];
    let plain = || Builder::empty().functions(functions());
    let app = "https://app.example.org";
    let off = plain().build().unwrap();
    let on = plain().cors(Cors::origins([app, "http://LocalHost:5173/"])).build().unwrap();
    let cookies = plain().cors(Cors::origins([app]).with_credentials()).build().unwrap();
    let granted =
        |reply: &TestResponse, name: &str| reply.header(name).unwrap_or_default().to_owned();
    let from = |method: &str, origin: &str| {
        TestRequest::new(method, "/api/mizan/ctx/c/").header("origin", origin)
    };
    for (mizan, origin, allowed, credentials) in [
        (&off, app, "", ""),
        (&on, app, app, ""),
        (&on, "http://localhost:5173", "http://localhost:5173", ""),
        (&on, "https://app.example.org.evil.org", "", ""),
        (&on, "null", "", ""),
        (&cookies, app, app, "true"),
        (&cookies, "https://other.example.org", "", ""),
    ] {
        let reply = send(mizan, &from("GET", origin), "").await;
        assert_eq!(reply.status(), 200);
        assert_eq!(granted(&reply, "access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(granted(&reply, "access-control-allow-credentials"), credentials, "{origin}");
        let asked = from("OPTIONS", origin);
        let asked = asked.header(ProtocolHeader::RequestMethod.as_str(), "POST");
        let reply = send(mizan, &asked, "").await;
        assert_eq!(reply.status(), if allowed.is_empty() { 405 } else { 204 }, "{origin}");
        let call = post_call().header("origin", origin).header("sec-fetch-site", "cross-site");
        let reply = send(mizan, &call, r#"{"fn":"write"}"#).await;
        assert_eq!(reply.status(), if allowed.is_empty() { 403 } else { 200 }, "{origin}");
        // A cookie needs its token from there as from anywhere.
        let reply = send(mizan, &call.header("cookie", "a=b"), r#"{"fn":"write"}"#).await;
        assert_eq!(reply.status(), 403, "{origin}");
    }
    // A route is answered to no other origin, wherever the protocol is mounted.
    let at = |mount: &str| {
        let pages = [page("anything", &["a:text", "b:text"]).route("/<a>/<b>/").method("GET")];
        let builder = plain().functions(pages).mount(mount).cors(Cors::origins([app]));
        builder.build().unwrap()
    };
    for (mount, path, status, allowed) in [
        ("", "/x/y/", 200, ""),
        ("", "/ctx/c/", 200, app),
        ("/x", "/x/y/", 404, app),
        ("/x", "/y/x/", 200, ""),
    ] {
        let mizan = at(mount);
        let reply = send(&mizan, &get(path, "").header("origin", app), "").await;
        let seen = (reply.status(), granted(&reply, "access-control-allow-origin"));
        assert_eq!(seen, (status, allowed.to_owned()), "{mount} {path}");
    }
    // What is trusted below the mount point is not so at a route.
    let routed = view("page", &[]).affects("c").route("/page/");
    let with_route = plain().function(routed).cors(Cors::origins([app])).build().unwrap();
    let form = request("POST /page/").header("origin", app).header("sec-fetch-site", "cross-site");
    assert_eq!(send(&with_route, &form, "").await.status(), 403);
    for bad in ["*", "app.example.org", "https://app.example.org/path", ""] {
        assert!(plain().cors(Cors::origins([bad])).build().is_err(), "{bad}");
    }
    assert!(plain().cors(Cors::origins::<String>([])).build().is_err());
}
