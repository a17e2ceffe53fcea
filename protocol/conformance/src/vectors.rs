//! The recorded exchanges, and what this project wants instead, if it differs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

const HTTP_CALLS: &str = include_str!("../vectors/http_calls.json");
const JUDGEMENTS: &str = include_str!("../judgements.json");

/// `http_calls.json`: a registry, and exchanges with an application that registers it.
#[derive(Debug, Deserialize)]
pub struct HttpCalls {
    /// The functions, in order of registration.
    pub registry: Vec<Registered>,
    /// The exchanges.
    pub cases: Vec<Exchange>,
}

/// A function of the registry, as far as a driver needs to know it.
#[derive(Debug, Deserialize)]
pub struct Registered {
    /// The wire name.
    pub name: String,
    /// The context that it belongs to.
    pub context: Option<String>,
    /// Who may run it; absent for everybody.
    pub auth: Option<Value>,
    /// Whether it stands for the functions of a form.
    #[serde(default)]
    pub form: bool,
}

/// One request and the recorded answer.
#[derive(Debug, Deserialize)]
pub struct Exchange {
    /// What a judgement refers to.
    pub id: String,
    /// What the exchange is about.
    pub group: String,
    /// What it shows.
    pub title: String,
    /// What is sent.
    pub request: Sent,
    /// What came back when it was recorded.
    pub response: Recorded,
}

/// A recorded request.
#[derive(Debug, Deserialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The name of the credentials.
    pub auth: String,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The type of the body.
    pub content_type: Option<String>,
    /// The body.
    pub body: Option<String>,
}

/// A recorded answer.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    /// The status.
    pub status: u16,
    /// The type of the body, without parameters.
    pub content_type: String,
    /// Chosen headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, where it is JSON.
    pub json: Option<Value>,
    /// The body, where it is not JSON.
    pub body: Option<String>,
}

/// `judgements.json`: what replaces the recorded answers of single exchanges.
#[derive(Debug, Deserialize)]
pub struct Judgements {
    /// Exchanges that are not run, each with the reason.
    pub skipped: BTreeMap<String, String>,
    /// The answers that are allowed instead of the recorded one: any of the list.
    pub allowed: BTreeMap<String, Vec<Allowed>>,
}

/// A response that is allowed. What is absent is not compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The status.
    pub status: u16,
    /// The code inside of the error envelope. Absent means that there is no envelope.
    pub code: Option<String>,
    /// The paths below `details.fields`, all of them.
    pub fields: Option<Vec<String>>,
    /// Paths of which at least one, and no other, stands below `details.fields`.
    pub fields_among: Option<Vec<String>>,
    /// The whole body of a response that is not an error. The text `(random)` stands for any text.
    pub json: Option<Value>,
    /// The whole body of a response that is not JSON.
    pub body: Option<String>,
    /// Headers and their values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that must not be there.
    #[serde(default)]
    pub absent: Vec<String>,
    /// A text that the body must not hold.
    pub hides: Option<String>,
}

impl HttpCalls {
    /// Reads the vectors of this crate.
    pub fn load() -> serde_json::Result<Self> {
        serde_json::from_str(HTTP_CALLS)
    }

    /// The functions of a context, or the one of this name.
    pub fn reached<'a>(&'a self, exchange: &'a Exchange) -> impl Iterator<Item = &'a Registered> {
        let path = exchange.request.path.split('?').next().unwrap_or_default();
        let context = path.strip_prefix("/api/mizan/ctx/").map(|rest| rest.trim_end_matches('/'));
        let body = exchange.request.body.as_deref().unwrap_or_default();
        let body = serde_json::from_str::<Value>(body).unwrap_or_default();
        let called = body["fn"].as_str().map(str::to_owned);
        self.registry.iter().filter(move |function| match context {
            Some(context) => function.context.as_deref() == Some(context),
            None => called.as_deref() == Some(&function.name),
        })
    }
}

impl Judgements {
    /// Reads the judgements of this crate.
    pub fn load() -> serde_json::Result<Self> {
        serde_json::from_str(JUDGEMENTS)
    }
}

impl Recorded {
    /// The recorded answer as this project writes it: nested envelope, results unwrapped.
    pub fn expected(&self) -> Allowed {
        let headers = self.headers.iter();
        // Cases start from an empty cache, so what a cache did is not part of them.
        let headers = headers.filter(|(name, _)| !name.eq_ignore_ascii_case("x-mizan-cache"));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone()));
        let mut expected = Allowed {
            status: self.status,
            headers: headers.collect(),
            body: self.body.clone(),
            ..Allowed::default()
        };
        match &self.json {
            Some(json) if json["error"] == true => {
                expected.code = json["code"].as_str().map(str::to_owned);
                let fields = json["details"]["fields"].as_object();
                expected.fields = fields.map(|fields| fields.keys().cloned().collect());
                // A refusal made nothing stale.
                expected.absent = vec!["x-mizan-invalidate".into()];
            }
            Some(json) => {
                expected.json = Some(unwrapped(json));
                if !expected.headers.contains_key("X-Mizan-Invalidate") {
                    expected.absent = vec!["x-mizan-invalidate".into()];
                }
            }
            None => {}
        }
        expected
    }
}

/// Every `{"result": x}` one level down becomes `x`.
fn unwrapped(json: &Value) -> Value {
    let inner = |value: &Value| match value.as_object() {
        Some(object) if object.len() == 1 => object.get("result").cloned(),
        _ => None,
    };
    match json.as_object() {
        Some(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), inner(value).unwrap_or_else(|| value.clone())))
            .collect(),
        None => json.clone(),
    }
}
