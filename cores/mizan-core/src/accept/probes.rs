//! What a server answers to whatever starts and stops processes.

use serde_json::{Map, Value};

use super::Next;
use crate::http::{RequestHead, Response};
use crate::registry::Mizan;

/// Where a server says whether it lives.
const HEALTH: &str = "/healthz";
/// Where a server says whether it can serve.
const READINESS: &str = "/readyz";

impl Mizan {
    /// The paths that [`Mizan::probe`] answers, for an adapter that serves a whole server.
    pub const PROBES: [&str; 2] = [HEALTH, READINESS];

    /// Answers `GET /healthz` and `GET /readyz`, for the program that starts and stops processes. They are no part of
    /// the protocol and are outside of the mount point; `None` for every other path.
    ///
    /// `/healthz` is `200 ok` while the process answers at all. `/readyz` is a 200 where requests can be served,
    /// else a 503, with what was found of each part as JSON: `application`
    /// ([`Builder::ready`](crate::Builder::ready)), `sessions` and `cache`, each `"ok"` or `"failed"`. A cache that
    /// is away costs reads only time, so it does not make the server unready. Parts are asked once in a second at
    /// most, and for 2 s at most.
    pub fn probe(&self, head: &dyn RequestHead) -> Option<Next> {
        let is_health = match head.path() {
            HEALTH => true,
            READINESS => false,
            _ => return None,
        };
        Some(match head.method() {
            "GET" | "HEAD" if is_health => Next::Done(Response::text("ok")),
            "GET" | "HEAD" => {
                let mizan = self.clone();
                Next::Run(Box::pin(async move { mizan.readiness_response().await }))
            }
            _ => Next::Done(Response::not_allowed("GET, HEAD")),
        })
    }

    async fn readiness_response(&self) -> Response {
        let found = self.readiness().await;
        let parts =
            found.parts.iter().map(|(part, state)| ((*part).to_owned(), Value::from(*state)));
        let mut body: Map<String, Value> = parts.collect();
        body.insert("ready".into(), found.is_ready.into());
        let status = if found.is_ready { 200 } else { 503 };
        Response::json(Value::from(body).to_string()).with_status(status)
    }
}
