//! What a call brings with it is what a read of the same caller would give: 200 roles, every kind of guard.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, Each, Error, Found, Identity, Limits, MemoryCache, Mizan, RawRequest, Result, State,
    UserRequest, client, functions,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What the market holds, and who has lost a right.
#[derive(Clone, Default)]
struct Market {
    number: Arc<AtomicI64>,
    revoked: Arc<Mutex<BTreeSet<String>>>,
}

impl Market {
    fn show(&self, id: i64) -> String {
        format!("{id} {}", self.number.load(Ordering::SeqCst))
    }
}

/// Roles are numbers; each sees the ids that have its remainder.
fn may_see(request: &UserRequest, id: i64) -> Result<()> {
    let role: i64 = request.identity()?.subject().parse().unwrap_or_default();
    if (role + id) % 3 == 0 { Ok(()) } else { Err(Error::forbidden("not yours")) }
}

async fn has_right(request: &UserRequest) -> bool {
    request.user().is_some_and(|user| user.has_permission("read"))
}

fn has_header(request: &RawRequest) -> bool {
    request.header("x-own") == Some("yes")
}

#[client(context = "open")]
async fn open_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

#[client(context = "members", auth)]
async fn members_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

#[client(context = "staff", auth = "staff")]
async fn staff_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

#[client(context = "above", auth = "superuser")]
async fn above_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

#[client(context = "granted", auth = has_right)]
async fn granted_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

#[client(context = "headed", auth = has_header)]
async fn headed_info(market: State<Market>, id: i64) -> String {
    market.show(id)
}

/// It knows itself who may see what, also after a call has taken a right away.
#[client(context = "own")]
async fn own_info(request: &UserRequest, market: State<Market>, id: i64) -> Result<String> {
    may_see(request, id)?;
    if market.revoked.lock().unwrap().contains(request.identity()?.subject()) {
        return Err(Error::forbidden("no longer"));
    }
    Ok(market.show(id))
}

#[client(context = "each", auth = has_right)]
async fn each_info(
    request: &UserRequest,
    market: State<Market>,
    id: Each<i64>,
) -> Result<Found<i64, String>> {
    let found = |id| (id, may_see(request, id).map(|()| market.show(id)));
    Ok(id.into_iter().map(found).collect())
}

#[client(affects = ["open", "members", "staff", "above", "granted", "headed", "own", "each"])]
async fn write(request: &UserRequest, market: State<Market>, revoke: bool) -> i64 {
    if let (true, Some(user)) = (revoke, request.user()) {
        market.revoked.lock().unwrap().insert(user.subject().to_owned());
    }
    market.number.fetch_add(1, Ordering::SeqCst)
}

const CONTEXTS: [&str; 8] =
    ["open", "members", "staff", "above", "granted", "headed", "own", "each"];

fn mizan(with_cache: bool) -> Mizan {
    let functions = functions![
        open_info,
        members_info,
        staff_info,
        above_info,
        granted_info,
        headed_info,
        own_info,
        each_info,
        write
    ];
    // Nothing may be left out for want of time.
    let limits = Limits { refresh_time: Duration::from_secs(20), ..Limits::default() };
    let builder = Builder::empty().functions(functions).state(Market::default());
    let builder = builder.limits(limits).check_effects(false);
    let builder = if with_cache { builder.cache(MemoryCache::default()) } else { builder };
    builder.build().unwrap()
}

/// Who asks: a number, whether signed in at all, and three rights; and a header.
#[derive(Debug, Clone, Copy)]
struct Role {
    number: u8,
    rights: [bool; 5],
}

impl Role {
    fn ask(self, request: TestRequest) -> TestRequest {
        let [signed_in, staff, superuser, right, header] = self.rights;
        let request = if header { request.header("x-own", "yes") } else { request };
        if !signed_in {
            return request;
        }
        let user = Identity::new(self.number.to_string()).staff(staff).superuser(superuser);
        request.as_user(if right { user.permission("read") } else { user })
    }
}

fn roles() -> impl Strategy<Value = Role> {
    (0..40u8, any::<[bool; 5]>()).prop_map(|(number, rights)| Role { number, rights })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Never a value that a read of the same entry would refuse, and never one that it would not give.
    #[test]
    fn a_refresh_shows_each_role_what_its_own_reads_show(
        role in roles(),
        before in prop::collection::vec(roles(), 0..3),
        held in prop::collection::vec((0..CONTEXTS.len(), 0..6i64), 1..40),
        revoke in any::<bool>(),
        with_cache in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mizan = mizan(with_cache);
            let read = |role: Role, (context, id): (usize, i64)| {
                role.ask(TestRequest::read_named(CONTEXTS[context]).param("id", id)).send(&mizan)
            };
            // What others have read is in the cache.
            for role in before {
                for entry in &held {
                    read(role, *entry).await;
                }
            }
            let call = TestRequest::call_named("write").arg("revoke", revoke);
            let call = held.iter().fold(call, |call, (context, id)| {
                call.mounted(CONTEXTS[*context], json!({ "id": id }))
            });
            let response = role.ask(call).send(&mizan).await.json();
            let brought = response["refresh"].as_array().cloned().unwrap_or_default();
            for (at, entry) in held.iter().enumerate() {
                let alone = read(role, *entry).await;
                let given: Vec<&Value> =
                    brought.iter().filter(|one| one["at"] == at).map(|one| &one["data"]).collect();
                match alone.status() {
                    200 => assert_eq!(given, [&alone.json()], "{entry:?}"),
                    _ => assert_eq!(given, Vec::<&Value>::new(), "{entry:?}: {}", alone.json()),
                }
            }
        });
    }
}
