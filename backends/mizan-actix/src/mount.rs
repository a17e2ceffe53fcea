//! The registry as a service of an actix application.

use actix_web::dev::{AppService, HttpServiceFactory, ResourceDef, ServiceRequest, fn_service};
use actix_web::guard::{Guard, fn_guard};
use mizan_core::Mizan;

use crate::handlers::handle;

/// Mounts a registry in an actix application.
pub trait MizanExt {
    /// The service that answers everything below the mount point, and the routes of functions.
    fn service(&self) -> MizanService;
}

impl MizanExt for Mizan {
    fn service(&self) -> MizanService {
        MizanService(self.clone())
    }
}

/// Everything below the mount point and every route, for [`App::service`](actix_web::App::service).
/// Of two services that know a path the one that was added first answers.
#[derive(Debug, Clone)]
pub struct MizanService(Mizan);

impl HttpServiceFactory for MizanService {
    fn register(self, config: &mut AppService) {
        // One prefix and no routes below it: the core splits the path itself, which costs a
        // comparison where actix would run a regular expression for each route.
        let routed = self.0.clone();
        let has_route = fn_guard(move |asked| routed.has_route(asked.head().uri.path()));
        let anywhere: (_, Option<Vec<Box<dyn Guard>>>) =
            (ResourceDef::prefix(""), Some(vec![Box::new(has_route)]));
        let below = (ResourceDef::prefix(self.0.mount().to_owned()), None);
        for (prefix, guards) in [below, anywhere] {
            let mizan = self.0.clone();
            let service = fn_service(move |request: ServiceRequest| {
                let mizan = mizan.clone();
                async move {
                    let (request, payload) = request.into_parts();
                    let response = handle(&mizan, &request, payload).await;
                    Ok(ServiceRequest::from_request(request).into_response(response))
                }
            });
            config.register_service(prefix, guards, service, None);
        }
    }
}
