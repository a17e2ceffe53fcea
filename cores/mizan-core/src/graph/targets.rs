//! What each mutation affects: names resolved, arguments matched with parameters.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use mizan_schema::MergeMode;

use super::ids::FunctionId;
use super::plan::{ContextNode, Effect, FunctionNode, MergeNode};
use super::report::Report;
use super::schemas::SchemaBook;
use super::scope::{self, Shared};
use crate::error::BuildProblems;
use crate::function::{AffectsTarget, ContextRef, Function, TargetKind};
use crate::state::States;

/// The headers of a mutation never need more than this, even if every target is broad.
const MAX_BROAD_HEADER: usize = 8 * 1024;

pub(super) fn plan(
    functions: Vec<Function>,
    contexts: &[ContextNode],
    schemas: &SchemaBook,
    report: &mut BuildProblems,
) -> Vec<FunctionNode> {
    let resolver = Resolver::new(&functions, contexts, schemas);
    let resolved: Vec<_> =
        (0..functions.len()).map(|position| resolver.resolve(position, report)).collect();
    functions
        .into_iter()
        .zip(resolved)
        .map(|(function, (effects, merges))| {
            let mut touched = effects.clone();
            for merge in &merges {
                if !touched.iter().any(|effect| effect.context == merge.effect.context) {
                    touched.push(merge.effect.clone());
                }
            }
            FunctionNode {
                function,
                effects,
                merges,
                touched,
                states: States::default(),
                webhook: None,
                #[cfg(all(feature = "check-results", debug_assertions))]
                result: None,
            }
        })
        .collect()
}

struct Resolver<'a> {
    functions: &'a [Function],
    contexts: &'a [ContextNode],
    schemas: &'a SchemaBook,
    by_id: HashMap<TypeId, usize>,
    contexts_by_name: HashMap<&'a str, &'a ContextNode>,
    functions_by_name: HashMap<&'a str, usize>,
}

/// What a text may name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Context,
    Function,
    Either,
}

impl Kind {
    /// The kind that a text asks for, and the wire name. No wire name holds a colon.
    fn of(text: &str) -> (Self, &str) {
        let asked = [Self::Context, Self::Function].into_iter();
        let mut asked = asked.filter_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)));
        asked.next().unwrap_or((Self::Either, text))
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Context => "context:",
            Self::Function => "function:",
            Self::Either => "",
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Context => "a context",
            Self::Function => "a function of a context",
            Self::Either => "a context or a function of one",
        }
    }
}

/// A resolved name: a context, or a function by position.
enum Named<'a> {
    Context(&'a ContextNode),
    Function(usize),
}

impl<'a> Resolver<'a> {
    fn new(
        functions: &'a [Function],
        contexts: &'a [ContextNode],
        schemas: &'a SchemaBook,
    ) -> Self {
        let ids = functions.iter().enumerate();
        let by_id = ids.filter_map(|(position, function)| Some((function.id?, position))).collect();
        let named = contexts.iter().map(|context| (&*context.name, context));
        let contexts_by_name = named.collect();
        // Of two functions of one name, which is reported, the first one stands for both.
        let named = functions.iter().enumerate().rev();
        let functions_by_name =
            named.map(|(position, function)| (&*function.name, position)).collect();
        Self { functions, contexts, schemas, by_id, contexts_by_name, functions_by_name }
    }

    fn context(&self, name: &str) -> Option<&'a ContextNode> {
        self.contexts_by_name.get(name).copied()
    }

    /// What a function affects and merges into.
    fn resolve(
        &self,
        position: usize,
        report: &mut BuildProblems,
    ) -> (Vec<Effect>, Vec<MergeNode>) {
        let (function, mut shared) = (&self.functions[position], Vec::new());
        let effects = self.effects(position, &mut shared, report);
        let merges = self.merges(position, &mut shared, report);
        scope::report(function, &shared, report);
        let merged = merges.iter().map(|merge| &merge.effect);
        scope::unused(function, effects.iter().chain(merged), report);
        (effects, merges)
    }

    fn effects(
        &self,
        position: usize,
        shared: &mut Vec<Shared>,
        report: &mut BuildProblems,
    ) -> Vec<Effect> {
        let function = &self.functions[position];
        let mut effects: Vec<Effect> = Vec::new();
        for target in &function.affects {
            let effect = match self.named(function, target, report) {
                Some(Named::Context(context)) => self.effect(position, context, None, shared),
                Some(Named::Function(member)) => match self.member(function, member, report) {
                    Some((context, only)) => self.effect(position, context, only, shared),
                    None => continue,
                },
                None => continue,
            };
            if !effects.contains(&effect) {
                effects.push(effect);
            }
        }
        // The whole context covers one function of it.
        let whole: Vec<Arc<str>> = effects
            .iter()
            .filter(|effect| effect.function.is_none())
            .map(|effect| Arc::clone(&effect.context))
            .collect();
        effects.retain(|effect| effect.function.is_none() || !whole.contains(&effect.context));
        let broad: usize = effects.iter().map(|effect| effect.context.len() + 2).sum();
        if broad > MAX_BROAD_HEADER {
            report.report(
                format!("the targets of `{}` take {broad} bytes of header", function.name),
                &[function],
                format!("at most {MAX_BROAD_HEADER} fit; affect fewer contexts"),
            );
        }
        effects
    }

    fn named(
        &self,
        function: &Function,
        target: &AffectsTarget,
        report: &mut BuildProblems,
    ) -> Option<Named<'a>> {
        let unknown = |report: &mut BuildProblems, name: &str, help: String| {
            report.report(
                format!("`{}` affects `{name}`, which does not exist", function.name),
                &[function],
                help,
            );
            None
        };
        match &target.0 {
            TargetKind::Context(ContextRef { name, .. }) => match self.context(name) {
                Some(context) => Some(Named::Context(context)),
                None => unknown(
                    report,
                    name,
                    format!("no function has `context` of the wire name `{name}`; {LINK}"),
                ),
            },
            TargetKind::Function { id, path } => match self.by_id.get(id) {
                Some(position) => Some(Named::Function(*position)),
                None => {
                    unknown(report, path, format!("put `#[client(context = …)]` on it; {LINK}"))
                }
            },
            TargetKind::Text(text) => {
                let (kind, name) = Kind::of(text);
                let context = self.context(name).filter(|_| kind != Kind::Function);
                let position = self.functions_by_name.get(name).copied();
                match (context, position.filter(|_| kind != Kind::Context)) {
                    (Some(_), Some(other)) => {
                        report.report(
                            format!(
                                "`{name}` is a context and a function, and `{}` affects it by text",
                                function.name
                            ),
                            &[function, &self.functions[other]],
                            format!(
                                "write `\"context:{name}\"` or `\"function:{name}\"`, or name the \
                                 context by its type or the function by its path"
                            ),
                        );
                        None
                    }
                    (Some(context), None) => Some(Named::Context(context)),
                    (None, Some(position)) => Some(Named::Function(position)),
                    (None, None) => {
                        let help = match self.closest(kind, name) {
                            Some(close) => format!("did you mean `{}{close}`?", kind.prefix()),
                            None => format!("name {}; {LINK}", kind.wanted()),
                        };
                        unknown(report, text, help)
                    }
                }
            }
        }
    }

    /// The context of a function that is affected alone. A view is not part of the bundle, so the
    /// whole context stands for it.
    fn member(
        &self,
        function: &Function,
        member: usize,
        report: &mut BuildProblems,
    ) -> Option<(&'a ContextNode, Option<Arc<str>>)> {
        let affected = &self.functions[member];
        let context = affected.context.as_ref().and_then(|context| self.context(&context.name));
        if context.is_none() {
            report.report(
                format!(
                    "`{}` affects `{}`, which belongs to no context",
                    function.name, affected.name
                ),
                &[function, affected],
                "only reads of a context can be affected; give it `context = …`",
            );
        }
        Some((context?, (!affected.is_view()).then(|| (&*affected.name).into())))
    }

    fn effect(
        &self,
        position: usize,
        context: &ContextNode,
        member: Option<Arc<str>>,
        shared: &mut Vec<Shared>,
    ) -> Effect {
        let (function, arguments) = (&self.functions[position], &self.schemas.params[position]);
        let scope = scope::pins(function, arguments, context, self.schemas, shared);
        Effect { context: Arc::clone(&context.name), function: member, scope }
    }

    fn merges(
        &self,
        position: usize,
        shared: &mut Vec<Shared>,
        report: &mut BuildProblems,
    ) -> Vec<MergeNode> {
        let function = &self.functions[position];
        if function.context.is_some() {
            // Reported as a contradiction already; its slots would be no news.
            return Vec::new();
        }
        function
            .merge
            .iter()
            .filter_map(|target| match self.named(function, target, report)? {
                Named::Context(context) => {
                    let (slot, mode) = self.slot(position, context, report)?;
                    let effect = self.effect(position, context, None, shared);
                    let key = function.key.as_deref().map(str::to_owned);
                    Some(MergeNode { effect, slot, mode, key })
                }
                Named::Function(other) => {
                    report.report(
                        format!(
                            "`{}` merges into `{}`, which is a function",
                            function.name, self.functions[other].name
                        ),
                        &[function],
                        "name the context; the slot follows from the type of the result",
                    );
                    None
                }
            })
            .collect()
    }

    /// The one member of a context whose value has the type of the result, or is a list of it.
    fn slot(
        &self,
        position: usize,
        context: &ContextNode,
        report: &mut BuildProblems,
    ) -> Option<(Arc<str>, MergeMode)> {
        let function = &self.functions[position];
        let result = self.schemas.results[position].as_ref()?;
        let upsert = function.key.is_some();
        let fits = |member: &&FunctionId| {
            let Some(value) = &self.schemas.results[member.index()] else {
                return false;
            };
            if upsert { value.get("items") == Some(result) } else { value == result }
        };
        let members: Vec<FunctionId> = context.members.iter().filter(fits).copied().collect();
        let wanted = if upsert { "a list of its result" } else { "the type of its result" };
        let [member] = members[..] else {
            let mut parties: Vec<&Function> =
                members.iter().map(|id| &self.functions[id.index()]).collect();
            parties.push(function);
            report.report(
                format!(
                    "`{}` merges into context `{}`, where {} members have {wanted}",
                    function.name,
                    context.name,
                    members.len()
                ),
                &parties,
                "exactly one member must; use `affects` instead, or `key = \"…\"` for an element of a list",
            );
            return None;
        };
        if let Some(key) = &function.key {
            let properties = self.schemas.resolve(result).get("properties");
            if properties.is_none_or(|fields| fields.get(&**key).is_none()) {
                report.report(
                    format!(
                        "`key` of `{}` names `{key}`, which its result does not have",
                        function.name
                    ),
                    &[function],
                    "name a field of the result, as it is written on the wire",
                );
            }
        }
        let mode = if upsert { MergeMode::Upsert } else { MergeMode::Replace };
        Some(((&*self.functions[member.index()].name).into(), mode))
    }

    /// A known name that differs from a mistyped one by one or two letters.
    fn closest(&self, kind: Kind, name: &str) -> Option<&str> {
        let contexts = self.contexts.iter().filter(|_| kind != Kind::Function);
        let reads = self.functions.iter().filter(|function| function.context.is_some());
        let reads = reads.filter(|_| kind != Kind::Context).map(|function| &*function.name);
        contexts
            .map(|context| &*context.name)
            .chain(reads)
            .map(|known| (distance(known, name), known))
            .filter(|(distance, _)| *distance <= 2)
            .min()
            .map(|(_, known)| known)
    }
}

const LINK: &str =
    "if it is in another crate, the binary must name that crate: `use the_crate as _;`";

/// Edit distance of two short names.
fn distance(left: &str, right: &str) -> usize {
    let right = right.as_bytes();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, byte) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for column in 0..right.len() {
            let change = diagonal + usize::from(byte != right[column]);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

impl Effect {
    /// The parameters that the effect pins.
    pub(crate) fn param_names(&self) -> Vec<String> {
        self.scope.iter().map(|(_, name)| name.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_names() {
        for (left, right, expected) in
            [("user", "user", 0), ("user", "usr", 1), ("", "ab", 2), ("abc", "cab", 2)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }
}
