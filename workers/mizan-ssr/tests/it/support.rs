//! What the tests have in common.

use std::path::PathBuf;
use std::time::Duration;

use mizan_ssr::{Builder, Render, RenderError, Rendered, Renderer, WorkerCommand};
use serde_json::Value;
use serde_json::value::to_raw_value;

/// The worker that does everything wrong on demand.
pub(crate) fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/worker.mjs")
}

/// It, on Node.
pub(crate) fn node() -> WorkerCommand {
    WorkerCommand::new("node").arg(script())
}

/// A renderer on Node with deadlines that a busy machine keeps.
pub(crate) fn renderer(change: impl FnOnce(Builder) -> Builder) -> Renderer {
    with(node(), change)
}

pub(crate) fn with(command: WorkerCommand, change: impl FnOnce(Builder) -> Builder) -> Renderer {
    let builder = Renderer::builder(command).workers(2).deadline(Duration::from_secs(10));
    change(builder).start().unwrap()
}

pub(crate) async fn render(
    renderer: &Renderer,
    component: &str,
    props: Value,
) -> Result<Rendered, RenderError> {
    let props = to_raw_value(&props).unwrap();
    renderer.render(Render { component, props: &props, bundles: &[] }).await
}

/// The html of a render.
pub(crate) async fn html(renderer: &Renderer, component: &str, props: Value) -> String {
    render(renderer, component, props).await.unwrap().html
}
