//! The registry as a service of an axum application.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use mizan_core::Mizan;
use tower_service::Service;

use crate::handlers::handle;

/// Mounts a registry in an axum application.
pub trait MizanExt {
    /// The service that answers everything below the mount point, and the routes of functions.
    fn service(&self) -> MizanService;
}

impl MizanExt for Mizan {
    fn service(&self) -> MizanService {
        MizanService(self.clone())
    }
}

/// Everything below the mount point and every route, for [`Router::fallback_service`](axum::Router::fallback_service).
/// Any other path gets the 404 of the protocol.
///
/// A router whose fallback is another one names the paths: `.route_service("/api/mizan/{*path}", mizan.service())`, and
/// the same for each route of a function. Do not nest it: `Router::nest_service` takes the prefix off the path.
///
/// Rates and bounds know a caller by the address of the connection. Serve with
/// [`into_make_service_with_connect_info::<SocketAddr>()`](axum::Router::into_make_service_with_connect_info), which
/// hands it on; without it every caller counts as one that is unknown.
#[derive(Debug, Clone)]
pub struct MizanService(Mizan);

impl<B: HttpBody<Data = Bytes> + Send + 'static> Service<Request<B>> for MizanService {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mizan = self.0.clone();
        let peer = request.extensions().get().map(|ConnectInfo::<SocketAddr>(peer)| *peer);
        Box::pin(async move { Ok(handle(&mizan, request, peer).await) })
    }
}
