//! Rights are those of now, before any cache.

use crate::backend::Backend;
use crate::case::cases;
use crate::client::{Client, Request, Response};
use serde_json::json;

use crate::identity::support::{Browser, MOUNT, call, send, server};

fn read(client: &mut Client, context: &str, token: &str) -> Response {
    let request = Request::get(format!("{MOUNT}/ctx/{context}/"));
    send(client, &request.header("Authorization", format!("Bearer {token}")))
}

/// What a demoted user read a moment ago lies in the cache, and is served to those who may.
fn a_demoted_user_reads_nothing_from_the_cache(backend: &Backend) {
    let server = server(backend, &[]);
    let (access, _) = Browser::signed_in(&server, "9").tokens();
    let client = &mut server.client();
    call(client, "set_rights", &json!({ "name": "boss", "staff": true }), |call| call);
    let (boss, _) = Browser::signed_in(&server, "boss").tokens();
    let mut by = Vec::new();
    for _ in 0..2 {
        let answer = read(client, "report", &access);
        assert_eq!(answer.status, 200);
        by.push(answer.header("x-mizan-cache").unwrap().to_owned());
    }
    assert_eq!(by, ["MISS", "HIT"]);
    call(client, "set_rights", &json!({ "name": "9", "staff": false }), |call| call);
    let answer = read(client, "report", &access);
    assert_eq!((answer.status, answer.header("x-mizan-cache")), (403, None));
    assert_eq!(read(client, "report", &boss).status, 200);
    call(client, "delete_user", &json!({ "name": "9" }), |call| call);
    assert_eq!(read(client, "report", &access).status, 401);
}

/// What a user sees of themselves shows their rights, so other rights are another entry.
fn other_rights_are_another_entry(backend: &Backend) {
    let server = server(backend, &[]);
    let (access, _) = Browser::signed_in(&server, "9").tokens();
    let client = &mut server.client();
    for staff in [true, false, true] {
        call(client, "set_rights", &json!({ "name": "9", "staff": staff }), |call| call);
        for _ in 0..2 {
            assert_eq!(read(client, "me", &access).json().unwrap()["me"]["staff"], staff);
        }
    }
}

cases! {
    "identity", SESSION =>
        a_demoted_user_reads_nothing_from_the_cache
        other_rights_are_another_entry;
}
