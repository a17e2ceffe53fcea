//! Requests that are held up in the middle of a function.

use std::thread::{self, JoinHandle};

use crate::client::{Client, Request, Response};
use serde_json::json;

use crate::cache::support::{App, World, call, soon};

/// A request whose function waits at a point.
pub(crate) struct Held<'w> {
    world: &'w World,
    point: String,
    answer: JoinHandle<Response>,
}

impl World {
    /// Sends a request on a connection of its own, and returns when its function is at that point.
    #[track_caller]
    pub(crate) fn hold(&self, app: &App, point: &str, request: Request) -> Held<'_> {
        self.data.set_trap(point).unwrap();
        let client = Client::new(app.server.address());
        let answer = thread::spawn(move || client.send_alone(&request).unwrap());
        soon(point, || self.data.is_caught(point));
        Held { world: self, point: point.to_owned(), answer }
    }

    /// Renames a user up to a point.
    #[track_caller]
    pub(crate) fn hold_rename(&self, app: &App, point: &str, user_id: i64, value: i64) -> Held<'_> {
        let request = call("rename", json!({ "user_id": user_id, "value": value }));
        self.hold(app, &format!("{point}-{user_id}"), request)
    }
}

impl Held<'_> {
    /// Lets it go on, and gives its response.
    #[track_caller]
    pub(crate) fn release(self) -> Response {
        self.world.data.release(&self.point).unwrap();
        self.answer.join().unwrap()
    }

    /// The same where it succeeds.
    #[track_caller]
    pub(crate) fn succeed(self) -> Response {
        let answer = self.release();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }
}
