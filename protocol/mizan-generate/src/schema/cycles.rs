//! Definitions that are defined as themselves.
//!
//! TypeScript follows references inside objects, lists and index signatures lazily, but refuses
//! `type A = A | null`. Such a reference has no meaning in JSON Schema either.

use super::Type;

/// Replaces each reference that closes such a circle by `unknown`; returns where it did so.
pub(crate) fn cut_cycles(types: &mut [Type<'_>]) -> Vec<usize> {
    let edges: Vec<Vec<usize>> = types.iter().map(eager).collect();
    let mut state = vec![State::New; types.len()];
    let mut cuts = Vec::new();
    for start in 0..types.len() {
        search(start, &edges, &mut state, &mut cuts);
    }
    for &(from, to) in &cuts {
        if let Some(ty) = types.get_mut(from) {
            *ty = without(std::mem::replace(ty, Type::Unknown), to, false);
        }
    }
    cuts.into_iter().map(|(from, _)| from).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

/// Depth first without recursion, since chains may be long. Edges to open nodes are cut.
fn search(start: usize, edges: &[Vec<usize>], state: &mut [State], cuts: &mut Vec<(usize, usize)>) {
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.pop() {
        if next == 0 {
            if state[node] != State::New {
                continue;
            }
            state[node] = State::Open;
        }
        let Some(&target) = edges[node].get(next) else {
            state[node] = State::Done;
            continue;
        };
        stack.push((node, next + 1));
        match state[target] {
            State::New => stack.push((target, 0)),
            State::Open => cuts.push((node, target)),
            State::Done => {}
        }
    }
}

/// Definitions that TypeScript looks up at once.
fn eager(ty: &Type<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    visit(ty, false, &mut |index| found.push(index));
    found
}

/// What is in a list is followed lazily, unless the list is in the rest of a tuple.
fn visit(ty: &Type<'_>, in_rest: bool, found: &mut impl FnMut(usize)) {
    match ty {
        Type::Named(index) => found(*index),
        Type::Union(members) | Type::Intersection(members) => {
            members.iter().for_each(|member| visit(member, in_rest, found));
        }
        Type::Array(inner) if in_rest => visit(inner, in_rest, found),
        Type::Tuple(items, rest) => {
            if in_rest {
                items.iter().for_each(|item| visit(item, in_rest, found));
            }
            rest.iter().for_each(|rest| visit(rest, true, found));
        }
        _ => {}
    }
}

/// The type with `unknown` in place of a definition, everywhere that [`visit`] goes.
fn without(ty: Type<'_>, target: usize, in_rest: bool) -> Type<'_> {
    let all = |members: Vec<_>, in_rest| -> Vec<_> {
        let members = members.into_iter();
        members.map(|member| without(member, target, in_rest)).collect()
    };
    match ty {
        Type::Named(index) if index == target => Type::Unknown,
        Type::Union(members) => Type::union(all(members, in_rest)),
        Type::Intersection(members) => Type::intersection(all(members, in_rest)),
        Type::Array(inner) if in_rest => Type::Array(Box::new(without(*inner, target, in_rest))),
        Type::Tuple(items, rest) => Type::Tuple(
            if in_rest { all(items, in_rest) } else { items },
            rest.map(|rest| Box::new(without(*rest, target, true))),
        ),
        other => other,
    }
}
