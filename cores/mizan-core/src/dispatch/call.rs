//! The life of a call: guard, arguments, targets, the function to its end, the reply.

use std::sync::Arc;

use mizan_schema::{Merge, MergeMode, Target};
use serde_json::Value;

use super::detach::LiveGuard;
use super::run;
use crate::args::{Envelope, Source};
use crate::error::{Error, Faults, Result};
use crate::function::{Decoded, Outcome};
use crate::graph::{Graph, MergePlan};
use crate::http::Reply;
use crate::invalidate::{Invalidation, pinned};
use crate::registry::Observer;
use crate::request::RawRequest;
use crate::runtime::Runtime;

/// A call that has passed every check: from here on it runs to its end.
pub(crate) struct CallPlan {
    graph: Arc<Graph>,
    function: usize,
    decoded: Box<dyn Decoded>,
    invalidation: Invalidation,
    merges: Vec<(Target, MergePlan)>,
}

impl CallPlan {
    /// Finds the function, asks its guard, reads its arguments and computes its targets. A call
    /// that is refused here has touched nothing.
    pub(crate) async fn read(
        graph: &Arc<Graph>,
        body: &[u8],
        request: &Arc<RawRequest>,
        depth: usize,
    ) -> Result<Self> {
        let envelope = Envelope::read(body, depth)?;
        // A private function is not told apart from one that does not exist.
        let found = graph.function(&envelope.function);
        let found = found.filter(|position| !graph.functions[*position].function.private);
        let function = found.ok_or_else(|| Error::not_found("no such function"))?;
        let plan = &graph.functions[function];
        if let Some(guard) = &plan.function.auth {
            guard.check(request).await?;
        }
        if plan.function.websocket {
            return Err(Error::not_implemented(
                "this function is called over the WebSocket",
            ));
        }
        let mut faults = Faults::default();
        let decoded = plan
            .function
            .body
            .decode(Source::Json(envelope.args), &mut faults)?;
        let Some(decoded) = decoded.filter(|_| faults.is_empty()) else {
            return Err(faults.into_error());
        };
        let invalidation = Invalidation::of(plan, &*decoded);
        let merges = plan.merges.iter().map(|merge| {
            let params = pinned(&merge.effect, &*decoded);
            (
                Target {
                    params,
                    ..Target::context(&*merge.effect.context)
                },
                merge.clone(),
            )
        });
        let merges = merges.collect();
        Ok(Self {
            graph: Arc::clone(graph),
            function,
            decoded,
            invalidation,
            merges,
        })
    }
}

/// Runs a planned call to its end and writes the reply. `_live` counts it until then.
pub(crate) async fn call(
    plan: CallPlan,
    request: Arc<RawRequest>,
    runtime: Runtime,
    observer: Option<Observer>,
    _live: LiveGuard,
) -> Reply {
    let function = &plan.graph.functions[plan.function];
    let outcome = run(function, plan.decoded, &request, &runtime).await;
    let invalidation = plan.invalidation;
    if let Some(observer) = observer.filter(|_| !invalidation.touched.is_empty()) {
        observer(&invalidation.touched);
    }
    match outcome {
        Ok(Outcome::View(view)) => {
            let announces = view.announces();
            with_header(
                Reply::view(view),
                if announces {
                    invalidation.header
                } else {
                    String::new()
                },
            )
        }
        Ok(Outcome::Value(value)) => {
            let mut body = Vec::with_capacity(128);
            body.extend_from_slice(b"{\"result\":");
            let start = body.len();
            let written = value.write(&mut body).and_then(|()| {
                let result = start..body.len();
                finish(&mut body, result, &invalidation.affected, &plan.merges)
            });
            match written {
                Ok(()) => with_header(Reply::json(body), invalidation.header),
                Err(reason) => {
                    let error = Error::internal(format!("`{}`: {reason}", function.function.name));
                    failed(error, invalidation)
                }
            }
        }
        Err(error) => failed(error, invalidation),
    }
}

/// A function that ran may have changed something before it failed.
fn failed(error: Error, invalidation: Invalidation) -> Reply {
    with_header(
        Reply::error_with(error, invalidation.touched),
        invalidation.header,
    )
}

fn with_header(mut reply: Reply, header: String) -> Reply {
    reply.invalidate = (!header.is_empty()).then_some(header);
    reply
}

/// Appends the lists behind the result, and closes the body.
fn finish(
    body: &mut Vec<u8>,
    result: std::ops::Range<usize>,
    affected: &[Target],
    merges: &[(Target, MergePlan)],
) -> Result<(), String> {
    let merged: Vec<Merge> = match merges {
        [] => Vec::new(),
        merges => {
            let value: Value =
                serde_json::from_slice(&body[result]).map_err(|error| error.to_string())?;
            let entry = |(target, plan): &(Target, MergePlan)| Merge {
                context: target.context.clone(),
                slot: plan.slot.to_string(),
                params: target.params.clone(),
                value: value.clone(),
                mode: plan.mode,
                key: plan.key.clone().filter(|_| plan.mode == MergeMode::Upsert),
            };
            merges.iter().map(entry).collect()
        }
    };
    let mut list =
        |name: &str, empty: bool, write: &dyn Fn(&mut Vec<u8>) -> serde_json::Result<()>| {
            if empty {
                return Ok(());
            }
            body.extend_from_slice(name.as_bytes());
            write(body).map_err(|error| error.to_string())
        };
    list(",\"invalidate\":", affected.is_empty(), &|body| {
        serde_json::to_writer(body, affected)
    })?;
    list(",\"merge\":", merged.is_empty(), &|body| {
        serde_json::to_writer(body, &merged)
    })?;
    body.push(b'}');
    Ok(())
}
