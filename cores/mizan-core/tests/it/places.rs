//! The places of calls, and what becomes of a call when its caller goes away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use mizan_core::testing::TestRequest;
use mizan_core::{
    Builder, Context, Function, Identity, IdentityFuture, Limits, MemorySessions, Mizan,
    RawRequest, Request, Result, State, UserStore, client, functions,
};
use serde_json::json;
use tokio::sync::Semaphore;

#[derive(Context)]
struct RowsContext;

#[client(context = RowsContext)]
async fn row(id: i64) -> i64 {
    id
}

/// How many calls have begun and ended, and what they wait for.
#[derive(Default)]
struct Seen {
    begun: AtomicUsize,
    ended: AtomicUsize,
    gate: Gate,
}

struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Seen {
    async fn pass(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.0.acquire().await);
        self.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[client]
async fn plain(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

#[client(at_once = 3)]
async fn three(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

#[client(at_once = 100)]
async fn many(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

#[client(detach)]
async fn detached(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

#[client(affects = RowsContext)]
async fn changing(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

#[client(private, route = "/machine/")]
async fn machine(seen: State<Arc<Seen>>) {
    seen.pass().await;
}

/// Declares no change, and names one when it runs.
#[client]
async fn naming(request: &Request, seen: State<Arc<Seen>>) -> Result<()> {
    request.invalidate([RowsContext::target().with("id", 5)]).await?;
    seen.pass().await;
    Ok(())
}

/// Signs a user in, and waits with that.
#[client]
async fn signing_in(request: &RawRequest, seen: State<Arc<Seen>>) -> Result<()> {
    request.session().sign_in("5", "").await?;
    seen.pass().await;
    Ok(())
}

/// A gate for threads, and how many are in front of it.
#[derive(Default)]
struct Barrier(Mutex<(usize, bool)>, Condvar);

impl Barrier {
    fn pass(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 += 1;
        drop(self.1.wait_while(state, |(_, open)| !*open).unwrap());
    }

    fn waiting(&self) -> usize {
        self.0.lock().unwrap().0
    }

    fn open(&self) {
        self.0.lock().unwrap().1 = true;
        self.1.notify_all();
    }
}

#[client(at_once = 3)]
fn blocking(barrier: State<Arc<Barrier>>) {
    barrier.pass();
}

struct Users;

impl UserStore for Users {
    fn identity<'a>(&'a self, subject: &'a str) -> IdentityFuture<'a> {
        Box::pin(async move { Ok(Some(Identity::new(subject))) })
    }
}

fn mizan(limits: Limits) -> (Mizan, Arc<Seen>, Arc<Barrier>) {
    let (seen, barrier) = (Arc::<Seen>::default(), Arc::<Barrier>::default());
    let functions = functions![
        row, plain, three, many, detached, changing, machine, naming, signing_in, blocking
    ];
    let builder = Builder::empty().functions(functions).state(Arc::clone(&seen));
    let builder = builder.state(Arc::clone(&barrier)).users(Users).limits(limits);
    (builder.sessions(MemorySessions::default()).build().unwrap(), seen, barrier)
}

#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
    let start = Instant::now();
    async move {
        while !is_so() {
            assert!(start.elapsed() < Duration::from_secs(10), "{what}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Starts calls that wait, and gives the statuses of those that do not.
async fn start(mizan: &Mizan, request: TestRequest, count: usize) -> Vec<u16> {
    let mut refused = Vec::new();
    for _ in 0..count {
        let (mizan, request) = (mizan.clone(), request.clone());
        let mut call = tokio::spawn(async move { request.send(&mizan).await.status() });
        if let Ok(status) = tokio::time::timeout(Duration::from_millis(20), &mut call).await {
            refused.push(status.unwrap());
        }
    }
    refused
}

#[tokio::test]
async fn one_function_has_its_share_and_others_run() {
    let (mizan, seen, _) = mizan(Limits { calls: 16, ..Limits::default() });
    let user = |request: TestRequest| request.as_user(Identity::new("5"));
    // A quarter, or what the function says.
    assert_eq!(start(&mizan, user(TestRequest::call(plain)), 6).await, [503, 503]);
    assert_eq!(start(&mizan, user(TestRequest::call(three)), 4).await, [503]);
    assert_eq!(start(&mizan, user(TestRequest::call(changing)), 5).await, [503]);
    assert_eq!(mizan.live_calls(), 4 + 3 + 4);
    seen.gate.0.add_permits(100);
    eventually("all end", || mizan.live_calls() == 0).await;
    for _ in 0..20 {
        assert_eq!(user(TestRequest::call(plain)).send(&mizan).await.status(), 200);
    }
}

#[tokio::test]
async fn strangers_have_half_and_whoever_is_signed_in_the_rest() {
    let (mizan, seen, _) = mizan(Limits { calls: 16, ..Limits::default() });
    assert_eq!(start(&mizan, TestRequest::call(many), 10).await, [503, 503]);
    let user = TestRequest::call(many).as_user(Identity::new("5"));
    assert_eq!(start(&mizan, user, 9).await, [503]);
    assert_eq!(mizan.live_calls(), 16);
    seen.gate.0.add_permits(100);
    eventually("all end", || mizan.live_calls() == 0).await;
    assert_eq!(TestRequest::call(many).send(&mizan).await.status(), 200);
}

/// A call is begun and dropped; whether it went on.
async fn abandoned(request: TestRequest) -> bool {
    let (mizan, seen, _) = mizan(Limits::default());
    let served = mizan.clone();
    let call = tokio::spawn(async move { request.send(&served).await.status() });
    eventually("it begins", || seen.begun.load(Ordering::SeqCst) == 1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let goes_on = mizan.live_calls() == 1;
    seen.gate.0.add_permits(1);
    eventually("its place is free", || mizan.live_calls() == 0).await;
    assert_eq!(seen.ended.load(Ordering::SeqCst), usize::from(goes_on));
    goes_on
}

#[tokio::test]
async fn a_call_that_declares_no_change_stops_with_its_caller() {
    assert!(!abandoned(TestRequest::call(plain)).await);
    assert!(abandoned(TestRequest::call(detached)).await);
    assert!(abandoned(TestRequest::call(changing)).await);
    assert!(abandoned(TestRequest::call(naming)).await);
    assert!(abandoned(TestRequest::call(signing_in)).await);
    assert!(abandoned(TestRequest::new("POST", "/machine/")).await);
}

#[tokio::test]
async fn a_wait_that_is_over_says_whether_the_call_goes_on() {
    let (mizan, seen, _) =
        mizan(Limits { call_timeout: Duration::from_millis(10), ..Limits::default() });
    for (request, live, said) in [
        (TestRequest::call(plain), 0, "the call has taken too long, and was stopped"),
        (
            TestRequest::call(changing),
            1,
            "the call goes on, and takes longer than this connection waits",
        ),
    ] {
        let response = request.send(&mizan).await;
        assert_eq!(response.status(), 503);
        assert!(String::from_utf8_lossy(response.body()).contains(said));
        assert_eq!(mizan.live_calls(), live);
    }
    seen.gate.0.add_permits(1);
    mizan.stop().await;
}

/// What runs on a thread cannot be stopped, and keeps its place until it ends.
#[tokio::test]
async fn abandoned_work_on_the_blocking_pool_keeps_its_place() {
    let (mizan, _, barrier) = mizan(Limits::default());
    for at in 1..=3 {
        let served = mizan.clone();
        let call =
            tokio::spawn(async move { TestRequest::call(blocking).send(&served).await.status() });
        eventually("it begins", || barrier.waiting() == at).await;
        call.abort();
        drop(call.await);
    }
    assert_eq!(mizan.live_calls(), 3);
    assert_eq!(TestRequest::call(blocking).send(&mizan).await.status(), 503);
    barrier.open();
    eventually("all end", || mizan.live_calls() == 0).await;
    assert_eq!(TestRequest::call(blocking).send(&mizan).await.status(), 200);
}

#[test]
fn mistakes_of_functions_at_run_time_are_reported() {
    let function = || Function::dynamic("f", Vec::new(), async |_, _| Ok(json!(null)));
    for (function, said) in [
        (function().at_once(0), "`at_once` of `f` is 0"),
        (function().context("rows").at_once(1), "`at_once` of `f` is on a read"),
        (function().context("rows").detach(), "`f` has `detach` and is a read"),
        (function().affects("rows").detach(), "`f` has `detach` and declares a change"),
    ] {
        let built = Builder::empty().functions(functions![row]).function(function).build();
        let error = built.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
