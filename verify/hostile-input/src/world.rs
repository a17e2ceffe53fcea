//! One server for each thread, and the credentials that it has given.

use std::time::{Duration, Instant};

use mizan_core::testing::TestResponse;
use mizan_core::{MemoryCache, Mizan};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::app;
use crate::sent::{Sent, judge};

/// Access and edge tokens live for five minutes; a run may take longer.
const FRESH: Duration = Duration::from_secs(200);

/// The servers that inputs are sent to.
pub(crate) struct World {
    runtime: Runtime,
    /// Without a sign-in and without a cache.
    pub(crate) plain: Mizan,
    /// The same with a cache.
    pub(crate) cached: Mizan,
    /// With the framework's own sign-in.
    pub(crate) signed: Mizan,
    given: Given,
}

/// What the server has given to the user `ann`.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    at: Instant,
    /// Values of her cookies.
    pub(crate) session: String,
    pub(crate) csrf: String,
    /// The CSRF token for both, and one for the second cookie alone.
    pub(crate) token: String,
    pub(crate) anonymous_token: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) edge: String,
}

thread_local! {
    static WORLD: std::cell::RefCell<World> = std::cell::RefCell::new(World::new());
}

impl World {
    /// Does something with the servers of this thread.
    pub(crate) fn with(work: impl FnOnce(&World)) {
        WORLD.with_borrow_mut(|world| {
            if world.given.at.elapsed() > FRESH {
                world.given = world.runtime.block_on(give(&world.signed));
            }
            work(world);
        });
    }

    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (plain, cached, signed, given) = runtime.block_on(async {
            let plain = app::plain().no_cache().expose_schema(true).build().unwrap();
            let cached = app::plain().cache(MemoryCache::default()).build().unwrap();
            let signed = app::signed();
            let given = give(&signed).await;
            (plain, cached, signed, given)
        });
        Self { runtime, plain, cached, signed, given }
    }

    /// The response to a request, checked for what holds for every one.
    pub(crate) fn ask(&self, mizan: &Mizan, sent: &Sent) -> (TestResponse, Value) {
        let reply = self.runtime.block_on(sent.answer(mizan));
        let body = judge(&reply);
        (reply, body)
    }

    pub(crate) fn given(&self) -> &Given {
        &self.given
    }
}

impl Given {
    /// Puts what was given into an input: `$s` is the cookie's secret, `$c` the CSRF cookie, `$t` its token,
    /// `$u` that of no one, `$A` the access token, `$1` to `$3` its segments, `$R` the refresh token,
    /// `$E` the edge token. So a corpus that is kept can hold what lives for minutes.
    pub(crate) fn expand(&self, data: &[u8]) -> Vec<u8> {
        let segment = |at: usize| self.access.split('.').nth(at).unwrap_or_default();
        let mut out = Vec::with_capacity(data.len() + 256);
        let mut rest = data.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let value = match (byte, rest.peek()) {
                (b'$', Some(b's')) => &*self.session,
                (b'$', Some(b'c')) => &self.csrf,
                (b'$', Some(b't')) => &self.token,
                (b'$', Some(b'u')) => &self.anonymous_token,
                (b'$', Some(b'A')) => &self.access,
                (b'$', Some(b'R')) => &self.refresh,
                (b'$', Some(b'E')) => &self.edge,
                (b'$', Some(b'1')) => segment(0),
                (b'$', Some(b'2')) => segment(1),
                (b'$', Some(b'3')) => segment(2),
                _ => {
                    out.push(byte);
                    continue;
                }
            };
            rest.next();
            out.extend_from_slice(value.as_bytes());
        }
        out
    }
}

/// Signs `ann` in and asks for everything that there is.
async fn give(mizan: &Mizan) -> Given {
    let post = |path: &str, body: &str, dress: &dyn Fn(Sent) -> Sent| dress(Sent::post(path, body));
    let sign_in = post("call/", r#"{"fn":"sign_in","args":{"name":"ann"}}"#, &|sent| sent);
    let reply = sign_in.answer(mizan).await;
    let cookie = |name: &str| {
        let found = reply.cookies().into_iter().find_map(|cookie| cookie.strip_prefix(name));
        found.and_then(|rest| rest.split(';').next()).unwrap().to_owned()
    };
    let (session, csrf) = (cookie("mizan_session="), cookie("mizan_csrf="));
    let text = |reply: &TestResponse, name: &str| judge(reply)[name].as_str().unwrap().to_owned();
    let both = format!("mizan_session={session}; mizan_csrf={csrf}");
    let ask = async |cookies: &str| {
        let sent = Sent::get("session/").header("cookie", cookies);
        text(&sent.answer(mizan).await, "csrfToken")
    };
    let token = ask(&both).await;
    let anonymous_token = ask(&format!("mizan_csrf={csrf}")).await;
    let dress = |sent: Sent| sent.header("cookie", &*both).header("x-csrftoken", &*token);
    let pair = post("session/jwt/", "", &dress).answer(mizan).await;
    let edge = post("session/mwt/", "", &dress).answer(mizan).await;
    let (access, refresh, edge) =
        (text(&pair, "access"), text(&pair, "refresh"), text(&edge, "token"));
    Given { at: Instant::now(), session, csrf, token, anonymous_token, access, refresh, edge }
}
