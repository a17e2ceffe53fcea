//! What is rendered, and what comes back.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::RenderError;
use crate::settings::Settings;

/// A component with what it is rendered from.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Render<'a> {
    /// The name under which the worker's bundle registers it.
    pub component: &'a str,
    /// Its props, a JSON object.
    pub props: &'a RawValue,
    /// The data that it may read while it renders.
    #[serde(rename = "data", skip_serializing_if = "<[_]>::is_empty")]
    pub bundles: &'a [Bundle<'a>],
}

/// One entry: the data of a context for some parameters.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Bundle<'a> {
    /// The name of the context.
    pub context: &'a str,
    /// Its parameters, a JSON object.
    pub params: &'a RawValue,
    /// The data, by member.
    pub data: &'a RawValue,
}

/// A page, or the part of it that a component is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Rendered {
    /// What the component rendered.
    pub html: String,
    /// What belongs into the head of the page: title, metas, styles. Often empty.
    pub head: String,
    /// Entries that the component asked for and [`Render::bundles`] lacks; it rendered without them.
    pub missed: Vec<Missed>,
}

/// An entry that was not there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Missed {
    /// The name of the context.
    pub context: String,
    /// The parameters, a JSON object.
    #[serde(default)]
    pub params: serde_json::Value,
}

impl Eq for Missed {}

impl Render<'_> {
    /// What is sent as `params`, in one line.
    pub(crate) fn encode(&self, settings: &Settings) -> Result<Vec<u8>, RenderError> {
        let limit = settings.props;
        let within = |what, bytes| {
            if bytes > limit { Err(RenderError::TooLarge { what, bytes, limit }) } else { Ok(()) }
        };
        within("props", self.props.get().len())?;
        let bundles = self.bundles.iter();
        within(
            "bundles",
            bundles.map(|bundle| bundle.params.get().len() + bundle.data.get().len()).sum(),
        )?;
        let mut line = serde_json::to_vec(self).map_err(|error| RenderError::Component {
            message: format!("the request cannot be written as JSON: {error}"),
            stack: None,
        })?;
        // Strings are escaped, so these can only be between two values.
        line.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Bundle, Render};
    use crate::error::RenderError;
    use crate::settings::Settings;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn a_request_is_one_line() {
        let check = |props: &str, data: Option<&str>, expected: &str| {
            let (props, params, data) = (raw(props), raw("{}"), data.map(raw));
            let bundles: Vec<Bundle<'_>> = data
                .iter()
                .map(|data| Bundle { context: "stall", params: &params, data })
                .collect();
            let render = Render { component: "Page", props: &props, bundles: &bundles };
            let line = render.encode(&Settings::default()).unwrap();
            assert_eq!(String::from_utf8(line).unwrap(), expected);
        };
        check("{}", None, r#"{"component":"Page","props":{}}"#);
        check("{\n \"a\":\r\n\"\\n\"}", None, r#"{"component":"Page","props":{  "a":  "\n"}}"#);
        let data = r#"[{"context":"stall","params":{},"data":{"x":1}}]"#;
        let expected = format!(r#"{{"component":"Page","props":{{}},"data":{data}}}"#);
        check("{}", Some(r#"{"x":1}"#), &expected);
    }

    #[test]
    fn props_and_bundles_have_a_limit_each() {
        let settings = Settings { props: 1_024, ..Settings::default() };
        let check = |props: usize, data: usize, expected: Option<(&'static str, usize)>| {
            let text = |bytes: usize| raw(&format!("\"{}\"", "x".repeat(bytes - 2)));
            let (props, params, data) = (text(props), raw("{}"), text(data));
            let bundles = [Bundle { context: "c", params: &params, data: &data }];
            let render = Render { component: "Page", props: &props, bundles: &bundles };
            let expected =
                expected.map(|(what, bytes)| RenderError::TooLarge { what, bytes, limit: 1_024 });
            assert_eq!(render.encode(&settings).err(), expected);
        };
        check(1_024, 1_022, None);
        check(1_025, 2, Some(("props", 1_025)));
        check(2, 1_023, Some(("bundles", 1_025)));
    }
}
