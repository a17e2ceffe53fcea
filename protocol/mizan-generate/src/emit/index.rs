//! `index.ts`: everything of the target under one name.

use super::put;
use crate::plan::Plan;

pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    out.push_str("export * from \"./types.js\";\n");
    for context in &plan.contexts {
        put(out, format_args!("export * from \"./contexts/{}.js\";\n", context.file));
    }
    out.push_str("export * from \"./calls.js\";\n");
    if plan.react.is_some() {
        out.push_str("export * from \"./react.js\";\n");
    }
    // An alias and not a subclass: what the kernel throws is an instance of both.
    match &plan.error {
        Some(error) => put(
            out,
            format_args!("export {{ MizanError, MizanError as {error} }} from \"@mizan/base\";\n"),
        ),
        None => out.push_str("export { MizanError } from \"@mizan/base\";\n"),
    }
}
