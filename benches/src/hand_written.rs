//! The ceilings: servers that answer with the same JSON as Mizan, as someone would write them with
//! actix-web alone.

use std::io;

use actix_web::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer, error};
use redis::aio::MultiplexedConnection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sample::{Done, Order, Profile, orders, profile};

/// The query of the bundled read.
#[derive(Deserialize)]
pub struct UserParams {
    /// Whose bundle it is.
    pub user_id: i64,
}

/// The bundled read.
#[derive(Serialize)]
pub struct Bundle {
    user_orders: Vec<Order>,
    user_profile: Profile,
}

impl Bundle {
    /// The bundle of a user.
    pub fn of(user_id: i64) -> Self {
        Self { user_orders: orders(user_id), user_profile: profile(user_id) }
    }
}

/// The body of the mutation.
#[derive(Deserialize)]
pub(crate) struct Body {
    args: Args,
}

#[derive(Deserialize)]
struct Args {
    user_id: i64,
    name: String,
}

/// The response to the mutation.
#[derive(Serialize)]
pub(crate) struct Answer {
    result: Done,
    invalidate: [Target; 1],
}

#[derive(Serialize)]
struct Target {
    context: &'static str,
    params: TargetParams,
}

#[derive(Serialize)]
struct TargetParams {
    user_id: i64,
}

impl Body {
    /// The value of the header, and the response.
    pub(crate) fn answer(&self) -> (String, Answer) {
        let Args { user_id, name } = &self.args;
        let params = TargetParams { user_id: *user_id };
        let answer = Answer {
            result: Done { ok: *user_id > 0 && !name.is_empty() },
            invalidate: [Target { context: "user", params }],
        };
        (format!("user;user_id={user_id}"), answer)
    }
}

/// The bundled read and the mutation, without a cache.
pub async fn plain() -> io::Result<()> {
    let server = HttpServer::new(|| {
        App::new()
            .route(
                "/api/mizan/ctx/user/",
                web::get().to(async |params: web::Query<UserParams>| {
                    HttpResponse::Ok()
                        .insert_header((CACHE_CONTROL, "no-store"))
                        .json(Bundle::of(params.user_id))
                }),
            )
            .route(
                "/api/mizan/call/",
                web::post().to(async |body: web::Json<Body>| {
                    let (invalidate, answer) = body.answer();
                    HttpResponse::Ok()
                        .insert_header((CACHE_CONTROL, "no-store"))
                        .insert_header(("x-mizan-invalidate", invalidate))
                        .json(answer)
                }),
            )
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    println!("http://{}", server.addrs()[0]);
    server.run().await
}

/// A read whose body was built before the first request, for the parameters that are `known`.
pub async fn prebuilt<P: DeserializeOwned + 'static>(
    path: &'static str,
    bundle: &impl Serialize,
    known: fn(&P) -> bool,
) -> io::Result<()> {
    let body = Bytes::from(serde_json::to_vec(bundle)?);
    let server = HttpServer::new(move || {
        let body = body.clone();
        let read = web::get().to(move |params: web::Query<P>| {
            let body = body.clone();
            async move { if known(&params) { stored(body) } else { HttpResponse::Ok().finish() } }
        });
        App::new().route(path, read)
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    println!("http://{}", server.addrs()[0]);
    server.run().await
}

/// The bundled read from Redis: one `GET` a hit.
pub async fn redis(url: &str) -> io::Result<()> {
    let client = redis::Client::open(url).map_err(io::Error::other)?;
    let connection = client.get_multiplexed_async_connection().await.map_err(io::Error::other)?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(connection.clone()))
            .route("/api/mizan/ctx/user/", web::get().to(read_redis))
    });
    let server = server.workers(1).bind("127.0.0.1:0")?;
    println!("http://{}", server.addrs()[0]);
    server.run().await
}

async fn read_redis(
    params: web::Query<UserParams>,
    connection: web::Data<MultiplexedConnection>,
) -> actix_web::Result<HttpResponse> {
    let mut connection = MultiplexedConnection::clone(&connection);
    let key = format!("bundle:{}", params.user_id);
    let get = redis::cmd("GET").arg(&key).to_owned();
    let found: Option<Vec<u8>> =
        get.query_async(&mut connection).await.map_err(error::ErrorInternalServerError)?;
    if let Some(body) = found {
        return Ok(stored(body.into()));
    }
    let body = serde_json::to_vec(&Bundle::of(params.user_id))?;
    let set = redis::cmd("SET").arg(&key).arg(&body).to_owned();
    set.query_async::<()>(&mut connection).await.map_err(error::ErrorInternalServerError)?;
    Ok(stored(body.into()))
}

fn stored(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .content_type("application/json")
        .body(body)
}
