//! What a server sends outside of the protocol: the files of a built client, and that there is nothing.

use std::net::SocketAddr;

use axum::http::{Request, StatusCode};
use axum::response::Response;
use hyper::body::Incoming;
use mizan_core::Mizan;

use crate::extract::Head;
use crate::handlers::handle;
use crate::respond::{named, respond, text};

/// The files of a directory, where there is one, and a response to every other path.
pub(super) struct Files {
    mizan: Mizan,
    #[cfg(feature = "assets")]
    directory: Option<assets::Directory>,
}

impl Files {
    pub(super) fn new(
        mizan: Mizan,
        #[cfg(feature = "assets")] directory: Option<std::path::PathBuf>,
    ) -> Self {
        Self {
            mizan,
            #[cfg(feature = "assets")]
            directory: directory.map(assets::Directory::new),
        }
    }

    /// Refuses other hosts, and adds the headers of pages and files.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let (head, body) = request.into_parts();
        if let Some(refusal) = self.mizan.refuse_host(&Head(&head, Some(peer))) {
            return respond(refusal);
        }
        let path = head.uri.path().to_owned();
        #[cfg(feature = "compress")]
        let accepted = crate::compress::accepted(&head.headers);
        let mut response = self.undressed(Request::from_parts(head, body), peer).await;
        let status = response.status();
        let is_found = status.is_success() || status == StatusCode::NOT_MODIFIED;
        // What is not there today may be there tomorrow.
        let path = if is_found { &*path } else { "" };
        let headers = response.headers_mut();
        for (header, value) in self.mizan.file_headers(path) {
            if let (Some(name), Some(value)) = (named(&header), text(value)) {
                headers.entry(name).or_insert(value);
            }
        }
        #[cfg(feature = "compress")]
        let response = super::compressed::compressed(accepted, response).await;
        response
    }

    async fn undressed(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        #[cfg(feature = "assets")]
        if let Some(directory) = &self.directory {
            return directory.answer(&request).await;
        }
        handle(&self.mizan, request, Some(peer)).await
    }
}

#[cfg(feature = "assets")]
mod assets {
    use std::path::PathBuf;

    use axum::body::Body;
    use axum::http::{Method, Request, StatusCode};
    use axum::response::{IntoResponse, Response};
    use tower::ServiceExt;
    use tower_http::services::{ServeDir, ServeFile};

    /// A directory of files, and the page that every other path gets.
    pub(super) struct Directory {
        files: ServeDir<ServeFile>,
        /// The same for the paths of assets, which get no page.
        assets: ServeDir,
    }

    impl Directory {
        pub(super) fn new(directory: PathBuf) -> Self {
            let assets = ServeDir::new(&directory).redirect_to_trailing_slash(false);
            let page = ServeFile::new(directory.join("index.html"));
            let files = ServeDir::new(directory).redirect_to_trailing_slash(false).fallback(page);
            Self { files, assets }
        }

        pub(super) async fn answer<B>(&self, request: &Request<B>) -> Response {
            let path = request.uri().path();
            let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
            if is_read && is_hidden(path) {
                return (StatusCode::BAD_REQUEST, "there is no such file").into_response();
            }
            let mut bare = Request::new(());
            bare.method_mut().clone_from(request.method());
            bare.uri_mut().clone_from(request.uri());
            bare.headers_mut().clone_from(request.headers());
            // A page in the place of a script would be kept for one.
            let response = if path.split('/').any(|part| part == "assets") {
                self.assets.clone().oneshot(bare).await.map(|found| found.map(Body::new))
            } else {
                self.files.clone().oneshot(bare).await.map(|found| found.map(Body::new))
            };
            match response {
                Ok(response) if response.status() == StatusCode::NOT_FOUND => {
                    (StatusCode::NOT_FOUND, "there is no such file").into_response()
                }
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    }

    /// Whether a path names a file that no one is to see (`.env`), or hides a part behind an escaped slash.
    fn is_hidden(path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        path.contains("%2f") || path.replace("%2e", ".").contains("/.")
    }

    #[cfg(test)]
    mod tests {
        use super::is_hidden;

        #[test]
        fn hidden_files_are_found_in_every_spelling() {
            for path in ["/.env", "/a/.git/config", "/%2Eenv", "/a%2F.env", "/a%2fb", "/a/../b"] {
                assert!(is_hidden(path), "{path}");
            }
            for path in ["/", "/a.js", "/a/b.c/d", "/a%2Ejs"] {
                assert!(!is_hidden(path), "{path}");
            }
        }
    }
}
