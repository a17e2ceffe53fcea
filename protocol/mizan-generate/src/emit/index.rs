//! `index.ts`: everything under one name; of frameworks only where there is one.

use super::put;
use crate::plan::Plan;

pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    out.push_str("export * from \"./types.js\";\n");
    for context in &plan.contexts {
        put(out, format_args!("export * from \"./contexts/{}.js\";\n", context.file));
    }
    out.push_str("export * from \"./calls.js\";\n");
    // Frameworks have the same names, so several are imported from their own files.
    let mut frameworks = plan.targets.iter().filter_map(|target| super::framework(*target));
    if let (Some(only), None) = (frameworks.next(), frameworks.next()) {
        let name = only.file.split('.').next().unwrap_or_default();
        put(out, format_args!("export * from \"./{name}.js\";\n"));
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
