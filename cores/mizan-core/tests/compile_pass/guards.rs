//! Guards, by every form.

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
