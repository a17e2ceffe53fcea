//! A browser: cookies, a CSRF token, and the authority that it trusts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// The browser of a user. Each clone has connections of its own.
pub(crate) struct Browser {
    agent: Agent,
    certificate: Option<Certificate<'static>>,
    /// The server that it speaks to: the proxy, at the origin, or a process.
    server: String,
    origin: String,
    cookies: BTreeMap<String, String>,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Response {
    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Clone for Browser {
    fn clone(&self) -> Self {
        Self {
            agent: agent(self.certificate.as_ref()),
            certificate: self.certificate.clone(),
            server: self.server.clone(),
            origin: self.origin.clone(),
            cookies: self.cookies.clone(),
            token: self.token.clone(),
        }
    }
}

impl Browser {
    /// A browser that speaks to a proxy.
    pub(crate) fn new(origin: String, certificate: Certificate<'static>) -> Self {
        Self::at(origin.clone(), origin, Some(certificate))
    }

    /// A browser that speaks to a process, under the origin of its proxy.
    pub(crate) fn direct(server: String, origin: String) -> Self {
        Self::at(server, origin, None)
    }

    fn at(server: String, origin: String, certificate: Option<Certificate<'static>>) -> Self {
        let agent = agent(certificate.as_ref());
        Self { agent, certificate, server, origin, cookies: BTreeMap::new(), token: String::new() }
    }

    /// Signs in by the function of the market and returns the id of the user.
    pub(crate) fn sign_in(&mut self, name: &str) -> i64 {
        self.renew_token();
        let args = json!({ "name": name, "password": souk::seed::PASSWORD });
        let response = self.call("sign_in", &args);
        assert_eq!(response.status, 200, "{response:?}");
        self.keep(&response);
        self.renew_token();
        let me = self.get("/api/mizan/ctx/global/").json();
        me["current_user"]["id"].as_i64().unwrap_or_else(|| panic!("nobody is signed in: {me}"))
    }

    fn renew_token(&mut self) {
        let response = self.get("/api/mizan/session/");
        self.keep(&response);
        self.token = response.json()["csrfToken"].as_str().unwrap().to_owned();
    }

    /// The cookies as they are sent.
    pub(crate) fn cookie_line(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn host(&self) -> &str {
        self.origin.trim_start_matches("https://")
    }

    fn keep(&mut self, response: &Response) {
        for (_, cookie) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
    }

    /// Reads a path.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.fetch(&format!("{}{path}", self.server))
    }

    /// Reads any address.
    pub(crate) fn fetch(&self, url: &str) -> Response {
        let request = self.agent.get(url).header("cookie", self.cookie_line());
        let request = if url.starts_with(&self.server) {
            request.header("host", self.host())
        } else {
            request
        };
        read(request.call()).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// Calls a function.
    pub(crate) fn call(&self, function: &str, args: &Value) -> Response {
        self.call_at(&self.server, function, args)
    }

    /// Calls a function of the server that is at this address, under the name of the proxy.
    pub(crate) fn call_at(&self, server: &str, function: &str, args: &Value) -> Response {
        let url = format!("{server}/api/mizan/call/");
        let request = self
            .agent
            .post(&url)
            .header("host", self.host())
            .header("content-type", "application/json")
            .header("cookie", self.cookie_line())
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrftoken", &self.token);
        let body = json!({ "fn": function, "args": args }).to_string();
        read(request.send(body)).unwrap_or_else(|error| panic!("{url}: {error}"))
    }
}

/// The status of a GET, or none where no one responds.
pub(crate) fn status(url: &str, certificate: Option<&Certificate<'static>>) -> Option<u16> {
    let response = agent(certificate).get(url).call().ok()?;
    Some(response.status().as_u16())
}

fn agent(certificate: Option<&Certificate<'static>>) -> Agent {
    let trusted = RootCerts::new_with_certs(certificate.map_or(&[], std::slice::from_ref));
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .tls_config(TlsConfig::builder().root_certs(trusted).build())
        .build()
        .into()
}

fn read(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Response, ureq::Error> {
    let mut response = response?;
    let headers = response.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
    });
    let headers = headers.collect();
    let status = response.status().as_u16();
    Ok(Response { status, headers, body: response.body_mut().read_to_string()? })
}
