//! `X-Mizan-Params`: the parameters of an entry as targets name them, where a client has sent other texts.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::read::Members;
use crate::args::{Form, QueryValue, Shape, Source, is_plainly, list_text};
use crate::graph::ContextParam;
use crate::invalidate::invalidate_header::{self, HeaderTarget, MAX_LENGTH};

impl Members<'_> {
    /// The target that names this entry alone, unless its texts are those of the source. Texts are those that a client
    /// computes for the values of a target. One that is too long is the name of the context.
    pub(crate) fn canonical(&self, source: Source<'_>) -> Option<String> {
        let context = &self.graph[self.context];
        if !self.is_whole || context.params.is_empty() || self.is_plainly(source) {
            return None;
        }
        let object = match source {
            Source::Json(text, _) => serde_json::from_str(text).unwrap_or_default(),
            Source::Query(_) => Map::new(),
        };
        // Members that read a parameter differently are in no single entry.
        let values = self.params()?;
        let mut is_sent = true;
        let mut params = Vec::with_capacity(context.params.len());
        for param in context.params.iter().filter(|param| !param.range) {
            let value = values.get(&*param.name).unwrap_or(&Value::Null);
            let text = param.form.client_text(value);
            // One that was left out is covered by every target, whatever its default is.
            is_sent &= sent(param, source, &object).is_none_or(|sent| Some(sent) == text);
            params.extend(text.map(|text| (param.name.to_string(), text)));
        }
        if is_sent {
            return None;
        }
        let text =
            invalidate_header::write(&[HeaderTarget { context: context.name.to_string(), params }]);
        let is_long = text.len() > MAX_LENGTH;
        Some(if is_long { context.name.to_string() } else { text })
    }

    /// Whether every text obviously is that of the value that was read: the common case, found without building values.
    fn is_plainly(&self, source: Source<'_>) -> bool {
        let Source::Query(pairs) = source else { return false };
        let mut json = Vec::with_capacity(32);
        self.graph[self.context].params.iter().all(|param| {
            json.clear();
            let mut read = self.members.iter();
            let written = read.find_map(|(node, decoded)| {
                let (at, _) = node.function.argument(&param.name)?;
                Some(decoded.write_json(at, &mut json))
            });
            if written == Some(false) || param.form.shape != Shape::Scalar {
                return false;
            }
            match pairs.value(&param.name).map(QueryValue::text) {
                None => true,
                Some(text) => text.is_ok_and(|text| is_plainly(&json, &text)),
            }
        })
    }
}

/// The text of a parameter as it was sent; `object` holds those in JSON.
fn sent(param: &ContextParam, source: Source<'_>, object: &Map<String, Value>) -> Option<String> {
    let Source::Query(pairs) = source else {
        return Form::sent_text(object.get(&*param.name)?);
    };
    let Some(value) = pairs.value(&param.name) else {
        return pairs.is_empty_list(&param.name).then(|| list_text([]));
    };
    if param.form.shape == Shape::Scalar {
        return value.text().ok().map(Cow::into_owned);
    }
    value.texts().collect::<Result<Vec<_>, _>>().ok().map(list_text)
}
