//! What a server sends outside of the protocol: the files of a built client, and that there is nothing.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpRequest, web};
use mizan_core::Mizan;

use crate::extract::Head;
use crate::handlers::handle;
use crate::respond::{named, respond, text};

/// Adds the files of a directory, where there is one, and a response to every other path.
pub(super) fn files(
    config: &mut web::ServiceConfig,
    mizan: &Mizan,
    #[cfg(feature = "assets")] directory: Option<&std::path::Path>,
) {
    let (dressing, nothing) = (mizan.clone(), mizan.clone());
    let dress = move |request, next| dressed(dressing.clone(), request, next);
    let nothing = web::to(move |request: HttpRequest, payload: web::Payload| {
        let mizan = nothing.clone();
        async move { handle(&mizan, &request, payload.into_inner()).await }
    });
    let scope = web::scope("").wrap(from_fn(dress));
    #[cfg(feature = "assets")]
    if let Some(directory) = directory {
        let index = directory.join("index.html");
        let page = web::get().to(move |request: HttpRequest| {
            // A page in the place of a script would be kept for one.
            let is_asset = request.path().split('/').any(|part| part == "assets");
            let index = index.clone();
            async move {
                if is_asset {
                    return Err(actix_web::error::ErrorNotFound("there is no such file"));
                }
                Ok(actix_files::NamedFile::open(index)?)
            }
        });
        let files = actix_files::Files::new("/", directory).index_file("index.html");
        config.service(scope.service(files.default_handler(page)));
        return;
    }
    config.service(scope.default_service(nothing));
}

/// Refuses other hosts, and adds the headers of pages and files.
async fn dressed(
    mizan: Mizan,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(refusal) = mizan.refuse_host(&Head(request.request())) {
        return Ok(request.into_response(respond(refusal)));
    }
    let path = request.path().to_owned();
    let mut response = next.call(request).await?;
    let status = response.status();
    let is_found = status.is_success() || status == StatusCode::NOT_MODIFIED;
    // What is not there today may be there tomorrow.
    let path = if is_found { &*path } else { "" };
    let headers = response.headers_mut();
    for (header, value) in mizan.file_headers(path) {
        if let (Some(name), Some(value)) = (named(&header), text(value))
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    }
    #[cfg(feature = "compress")]
    let response = super::compressed::compressed(response);
    Ok(response)
}
