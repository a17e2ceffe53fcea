//! Functions that are put together at run time, with names that no source file holds: for vectors,
//! random registries and bridges to other systems.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::json_schema;
use serde_json::{Map, Value};

use super::{Argument, Body, Decoded, Function, Invocation, Outcome, OutputKind, Running};
use crate::args::{QueryError, QueryValue, Source, read_json, read_members};
use crate::error::{FieldErrors, Result};
use crate::location::Location;
use crate::output::{Ready, write_json};
use crate::view::View;
use crate::visibility::Visibility;

/// The type of a run-time argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgType {
    /// A 64-bit integer.
    Integer,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Text.
    Text,
    /// A list of texts.
    TextList,
    /// Any JSON; no parameter of a context.
    Json,
}

/// An argument of a run-time function.
#[derive(Debug, Clone)]
pub struct Param {
    name: Cow<'static, str>,
    kind: ArgType,
    optional: bool,
    default: Option<Value>,
}

impl Param {
    /// A required argument.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: ArgType) -> Self {
        Self { name: name.into(), kind, optional: false, default: None }
    }

    /// Lets the argument be null or left out.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Gives the argument a value for where it is left out.
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(value.into());
        self
    }

    fn describe(&self) -> Argument {
        let (kind, optional) = (self.kind, self.optional);
        Argument {
            name: self.name.clone(),
            schema: Arc::new(move |_| schema(kind, optional)),
            required: !optional && self.default.is_none(),
            default: self.default.clone(),
            json: true,
            range: false,
        }
    }

    fn absent(&self) -> Option<Value> {
        self.default.clone().or_else(|| self.optional.then_some(Value::Null))
    }

    fn json(&self, text: &str) -> Result<Value, String> {
        let value: Value = match self.kind {
            ArgType::Integer => read_json::<Option<i64>>(text)?.into(),
            _ => read_json(text)?,
        };
        let fits = match (self.kind, &value) {
            (_, Value::Null) => self.optional || self.kind == ArgType::Json,
            (ArgType::Integer, Value::Number(number)) => number.is_i64(),
            (ArgType::Number, Value::Number(_)) | (ArgType::Boolean, Value::Bool(_)) => true,
            (ArgType::Text, Value::String(_)) | (ArgType::Json, _) => true,
            (ArgType::TextList, Value::Array(items)) => items.iter().all(Value::is_string),
            _ => false,
        };
        match (fits, self.kind, value.as_f64()) {
            (true, ArgType::Number, Some(number)) => Ok(number.into()),
            (true, ..) => Ok(value),
            (false, ..) => Err(format!("expected {}", self.kind.words())),
        }
    }

    fn query(&self, value: QueryValue<'_>) -> Result<Value, QueryError> {
        use serde::Deserialize;
        if self.optional && self.kind != ArgType::Text && value.is_empty_text() {
            return Ok(Value::Null);
        }
        Ok(match self.kind {
            ArgType::Integer => i64::deserialize(value)?.into(),
            ArgType::Number => f64::deserialize(value)?.into(),
            ArgType::Boolean => bool::deserialize(value)?.into(),
            ArgType::Text => value.text()?.into(),
            ArgType::TextList => {
                let texts: Result<Vec<_>, _> = value.texts().collect();
                texts?.into_iter().map(Value::from).collect()
            }
            ArgType::Json => return Err(QueryError("JSON does not travel in a query".into())),
        })
    }
}

impl ArgType {
    fn words(self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "`true` or `false`",
            Self::Text => "text",
            Self::TextList => "a list of texts",
            Self::Json => "JSON",
        }
    }
}

fn schema(kind: ArgType, optional: bool) -> schemars::Schema {
    let name = match kind {
        ArgType::Integer => "integer",
        ArgType::Number => "number",
        ArgType::Boolean => "boolean",
        ArgType::Text => "string",
        ArgType::TextList => "array",
        ArgType::Json => return schemars::Schema::default(),
    };
    let mut schema = if optional {
        json_schema!({ "type": [name, "null"] })
    } else {
        json_schema!({ "type": name })
    };
    match kind {
        ArgType::Integer => drop(schema.insert("format".into(), "int64".into())),
        ArgType::TextList => {
            drop(schema.insert("items".into(), serde_json::json!({ "type": "string" })))
        }
        _ => {}
    }
    schema
}

/// The arguments of a run-time function, by name.
pub type Args = Map<String, Value>;

impl Function {
    /// A function with names and types that are known at run time only. Its result is JSON.
    ///
    /// ```
    /// use mizan_core::dynamic::{ArgType, Param};
    /// use mizan_core::{Builder, Function};
    /// let params = vec![Param::new("user_id", ArgType::Integer)];
    /// let read = Function::dynamic("user_profile", params, |args, _| async move {
    ///     Ok(args["user_id"].clone())
    /// });
    /// let mizan = Builder::empty().function(read.context("user")).build()?;
    /// assert_eq!((mizan.function_count(), mizan.context_count()), (1, 1));
    /// # Ok::<(), mizan_core::BuildError>(())
    /// ```
    ///
    /// It may read the whole request, so its result is never cached; [`Function::visibility`] narrows
    /// that, and what [`Invocation::request`] shows with it.
    #[track_caller]
    pub fn dynamic<F, R>(name: impl Into<Cow<'static, str>>, params: Vec<Param>, body: F) -> Self
    where
        F: Fn(Args, Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value>> + Send + 'static,
    {
        let run = move |args, call| -> Running {
            let running = body(args, call);
            Box::pin(async move { Ok(Outcome::Value(Box::new(Json(running.await?)))) })
        };
        let output = OutputKind::Value(Arc::new(|_| schemars::Schema::default()));
        Self::at_run_time(name.into(), params, output, Box::new(run))
    }

    /// The same for a function that answers with a view.
    #[track_caller]
    pub fn dynamic_view<F, R>(
        name: impl Into<Cow<'static, str>>,
        params: Vec<Param>,
        body: F,
    ) -> Self
    where
        F: Fn(Args, Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<View>> + Send + 'static,
    {
        let run = move |args, call| -> Running {
            let running = body(args, call);
            Box::pin(async move { running.await.map(Outcome::View) })
        };
        Self::at_run_time(name.into(), params, OutputKind::View, Box::new(run))
    }

    #[track_caller]
    fn at_run_time(
        name: Cow<'static, str>,
        params: Vec<Param>,
        output: OutputKind,
        run: Run,
    ) -> Self {
        let described = params.iter().map(Param::describe).collect();
        let caller = std::panic::Location::caller();
        let location = Location::at(caller.file(), caller.line());
        let body = RuntimeBody { params, run: Arc::from(run) };
        Self {
            name,
            location,
            arguments: described,
            output,
            visibility: Visibility::Raw,
            ..Self::with_body(Arc::new(body))
        }
    }
}

type Run = Box<dyn Fn(Args, Invocation) -> Running + Send + Sync>;

struct RuntimeBody {
    params: Vec<Param>,
    run: Arc<dyn Fn(Args, Invocation) -> Running + Send + Sync>,
}

impl RuntimeBody {
    /// The texts of all arguments in a JSON object.
    fn members<'a>(&self, source: Source<'a>) -> Result<Vec<Option<&'a str>>> {
        let names: Vec<&str> = self.params.iter().map(|param| &*param.name).collect();
        let mut members = vec![None; names.len()];
        if let Source::Json(args, _) = source {
            read_members(args, &names, &mut members)?;
        }
        Ok(members)
    }
}

impl Param {
    /// Reads the argument; `None` where it is not there.
    fn value(&self, source: Source<'_>, member: Option<&str>) -> Option<Result<Value, String>> {
        let (Source::Json(_, pairs) | Source::Query(pairs)) = source;
        let is_list = self.kind == ArgType::TextList;
        let text = match pairs.value(&self.name) {
            None if is_list && pairs.is_empty_list(&self.name) => Some(QueryValue::NONE),
            text => text,
        };
        let text = text.map(|value| self.query(value).map_err(|error| error.0));
        let read = text.or_else(|| member.map(|text| self.json(text)));
        let empty = || {
            let list = matches!(source, Source::Query(_)) && is_list;
            list.then(|| Ok(Value::Array(Vec::new())))
        };
        read.or_else(|| self.absent().map(Ok)).or_else(empty)
    }
}

impl Body for RuntimeBody {
    fn decode(
        &self,
        source: Source<'_>,
        faults: &mut FieldErrors,
    ) -> Result<Option<Box<dyn Decoded>>> {
        let members = self.members(source)?;
        let mut values = Vec::with_capacity(self.params.len());
        for (param, member) in self.params.iter().zip(members) {
            match param.value(source, member) {
                Some(Ok(value)) => values.push(value),
                Some(Err(message)) => faults.add(&*param.name, message),
                None => faults.add(&*param.name, "this argument is required"),
            }
        }
        let complete = values.len() == self.params.len();
        let names = self.params.iter().map(|param| param.name.clone()).collect();
        Ok(complete.then(|| {
            Box::new(RuntimeCall { names, values, run: Arc::clone(&self.run) }) as Box<dyn Decoded>
        }))
    }

    fn argument_json(&self, source: Source<'_>, index: usize) -> Option<Vec<u8>> {
        let member = *self.members(source).ok()?.get(index)?;
        let value = self.params.get(index)?.value(source, member)?.ok()?;
        let mut json = Vec::new();
        write_json(&value, &mut json).ok().map(|()| json)
    }
}

struct RuntimeCall {
    names: Vec<Cow<'static, str>>,
    values: Vec<Value>,
    run: Arc<dyn Fn(Args, Invocation) -> Running + Send + Sync>,
}

impl Decoded for RuntimeCall {
    fn check_text(&self, _: usize) -> Result<()> {
        Ok(())
    }

    fn write_json(&self, index: usize, buffer: &mut Vec<u8>) -> bool {
        self.values.get(index).is_some_and(|value| write_json(value, buffer).is_ok())
    }

    fn run(self: Box<Self>, call: Invocation) -> Running {
        let args = self.names.into_iter().map(Cow::into_owned).zip(self.values).collect();
        (self.run)(args, call)
    }
}

struct Json(Value);

impl Ready for Json {
    fn write(&self, buffer: &mut Vec<u8>) -> Result<(), String> {
        write_json(&self.0, buffer)
    }
}
