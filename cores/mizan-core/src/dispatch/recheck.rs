//! After a call has ended, entries that it did not declare to change are read again. A difference is an
//! effect that it has and does not declare: the one hole that no protocol closes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::call::Ended;
use super::read::Selection;
use crate::args::Pairs;
use crate::graph::{Effect, FunctionId, FunctionNode, Graph};
use crate::registry::{Mizan, Recent, Seen, UndeclaredEffect};

/// How long one check may take; what is left then waits for the next call.
const BUDGET: Duration = Duration::from_millis(250);

/// How often a read that differs is run again, to see whether it differs from itself.
const AGAIN: usize = 4;

/// A call that has ended, as far as a check is concerned.
pub(crate) struct Called {
    function: FunctionId,
    /// Its number among all changes.
    number: u64,
    /// The names of its arguments.
    arguments: String,
    /// Whether its error said that it had changed nothing.
    said_unchanged: bool,
    /// Whether it named its targets at run time.
    narrowed: bool,
}

impl Called {
    pub(super) fn new(number: u64, ended: &Ended) -> Self {
        let announced = ended.announced();
        let arguments = announced.node().function.arguments.iter();
        let arguments: Vec<String> =
            arguments.map(|argument| format!("`{}`", argument.name)).collect();
        Self {
            function: announced.function(),
            number,
            arguments: if arguments.is_empty() {
                "no arguments".into()
            } else {
                arguments.join(", ")
            },
            said_unchanged: ended.is_unchanged(),
            narrowed: !announced.is_declared(),
        }
    }

    /// Reads the recent entries again, off the path of any request.
    pub(crate) fn recheck(self, mizan: &Mizan) {
        let Some(recent) = &mizan.0.recent else { return };
        let (mizan, recent) = (mizan.clone(), Arc::clone(recent));
        let (checks, runtime) = (Arc::clone(&recent.checks), mizan.0.runtime.clone());
        checks.spawn(&runtime, async move { self.check(&mizan, &recent).await });
    }

    async fn check(self, mizan: &Mizan, recent: &Recent) {
        let since = Instant::now();
        let (number, reads) = recent.reads();
        for seen in reads {
            if since.elapsed() > BUDGET || number != self.number {
                return;
            }
            let Some(body) = run(mizan, &seen).await else {
                recent.forget(&seen);
                continue;
            };
            // What another call has begun to change meanwhile proves nothing about this one.
            if recent.quiet() != Some(number) {
                return;
            }
            let differing = differing(&seen, &body);
            if seen.through + 1 == number && !differing.is_empty() {
                let steady = steady(mizan, &seen, &body).await;
                if recent.quiet() != Some(number) {
                    return;
                }
                match steady {
                    Some(true) => {
                        for member in &differing {
                            self.report(mizan, recent, &seen, &body, member);
                        }
                    }
                    Some(false) => unsteady(mizan, &seen, &differing),
                    None => {}
                }
            }
            recent.keep(Seen { body, through: number, stale: Default::default(), ..seen });
        }
    }

    fn report(&self, mizan: &Mizan, recent: &Recent, seen: &Seen, now: &[u8], member: &str) {
        let graph = &mizan.0.graph;
        let node = &graph[self.function];
        let (function, context) = (&node.function.name, &graph[seen.context].name);
        let (given, found) = (value(&seen.body, member), value(now, member));
        let (place, was, is) = first_difference(member.to_owned(), &given, &found);
        let report = format!(
            "`{function}` changed what it does not declare. Called with {}, it changed `{place}` of \
             `{context}` with {}: it was {}, and is {}. {}",
            self.arguments,
            Value::Object((*seen.params).clone()),
            short(&was),
            short(&is),
            self.remedy(graph, node, seen, member),
        );
        let effect = UndeclaredEffect {
            function: function.to_string(),
            context: context.to_string(),
            member: member.to_owned(),
            report: report.clone(),
        };
        if recent.found((self.function, seen.context), effect) {
            tracing::error!("{report}");
        }
    }

    /// What to write, in the words of the attribute.
    fn remedy(&self, graph: &Graph, node: &FunctionNode, seen: &Seen, member: &str) -> String {
        let context = &graph[seen.context].name;
        if self.said_unchanged {
            return "Its error says `unchanged()`: leave that out.".into();
        }
        if self.narrowed {
            return format!("Its `narrow_to` names too little: name `{context}` as well.");
        }
        let effects: Vec<&Effect> =
            node.touched.iter().filter(|effect| effect.context == *context).collect();
        let Some(first) = effects.first() else {
            return format!("Write `affects = \"{context}\"`.");
        };
        let is_whole = effects.iter().any(|effect| effect.function.is_none());
        let names: Vec<&str> = first.scope.iter().map(|(_, name)| &**name).collect();
        if !is_whole && !seen.stale.is_empty() {
            return format!("It affects single functions of `{context}`: name `{member}` as well.");
        }
        format!(
            "It narrows what it changes in `{context}` by `{}`, and this entry has another value: write \
             `scope = [{}]` with those alone that every changed entry shares, or `scope = none`.",
            names.join("`, `"),
            names.join(", "),
        )
    }
}

/// Runs a read again; `None` where it can no longer be compared.
async fn run(mizan: &Mizan, seen: &Seen) -> Option<bytes::Bytes> {
    let inner = &mizan.0;
    let query = Pairs::split(&seen.query, inner.limits.params)?;
    let selection = Selection::new(&inner.graph, seen.context, &query).ok()?;
    selection.guard(&seen.request).await.ok()?;
    let members = selection.decode().ok()?;
    if seen.stale.is_empty()
        && let Some(cache) = inner.cache.as_deref()
        && let Some(entry) = members.entry(cache, seen.request.user())
    {
        // Something that was declared has touched it, here or on another server.
        cache.get(&entry).await.ok()?.filter(|held| *held == seen.body)?;
    }
    members.run(&seen.request, &inner.runtime, None).await.ok()
}

/// Whether a read gives the same whenever it is run; `None` where it fails.
async fn steady(mizan: &Mizan, seen: &Seen, body: &[u8]) -> Option<bool> {
    for _ in 0..AGAIN {
        let again = run(mizan, seen).await?;
        if json(&again) != json(body) {
            return Some(false);
        }
    }
    Some(true)
}

fn unsteady(mizan: &Mizan, seen: &Seen, members: &[String]) {
    let context = &mizan.0.graph[seen.context].name;
    tracing::warn!(
        "`{}` of `{context}` gives another value each time it is run: it reads the time or chance, so \
         write `cache = false`, or give it what it depends on as an argument",
        members.join("`, `")
    );
}

/// The members that differ, of those that no change of their own has made stale.
fn differing(seen: &Seen, now: &[u8]) -> Vec<String> {
    let (given, now) = (json(&seen.body), json(now));
    let (Value::Object(given), Value::Object(now)) = (given, now) else { return Vec::new() };
    let differs = |(name, value): &(&String, &Value)| {
        !seen.stale.contains(*name) && now.get(*name) != Some(*value)
    };
    given.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn value(body: &[u8], member: &str) -> Value {
    json(body).get_mut(member).map(Value::take).unwrap_or_default()
}

/// The path to the first place where two values differ, and both of them there.
fn first_difference(path: String, one: &Value, other: &Value) -> (String, Value, Value) {
    let deeper = match (one, other) {
        (Value::Object(one), Value::Object(other)) => first_field(one, other),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs
                .find(|(_, (one, other))| one != other)
                .map(|(at, (one, other))| (at.to_string(), one, other))
        }
        _ => None,
    };
    match deeper {
        Some((step, one, other)) => first_difference(format!("{path}.{step}"), one, other),
        None => (path, one.clone(), other.clone()),
    }
}

fn first_field<'v>(
    one: &'v Map<String, Value>,
    other: &'v Map<String, Value>,
) -> Option<(String, &'v Value, &'v Value)> {
    one.iter().find_map(|(name, value)| {
        let found = other.get(name)?;
        (found != value).then(|| (name.clone(), value, found))
    })
}

/// A value for the log, as much of it as fits a line.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
