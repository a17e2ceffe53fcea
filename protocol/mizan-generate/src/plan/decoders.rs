//! Which types hold a `bigint`, and the steps that decode them.

use std::collections::{HashSet, VecDeque};

use super::decode::{Decode, Is, Test};
use crate::schema::{Object, Type};

/// How deep a member of a union is looked into to tell it from the others.
const LOOK: usize = 2;

/// Knows which definitions hold a `bigint`.
pub(super) struct Decoders<'p, 'a> {
    types: &'p [Type<'a>],
    holds: Vec<bool>,
}

impl<'p, 'a> Decoders<'p, 'a> {
    pub(super) fn new(types: &'p [Type<'a>]) -> Self {
        let mut users = vec![Vec::new(); types.len()];
        let mut holds: Vec<bool> = types.iter().map(has_own).collect();
        let mut pending: VecDeque<usize> = (0..types.len()).filter(|&index| holds[index]).collect();
        if pending.is_empty() {
            return Self { types, holds };
        }
        for (user, ty) in types.iter().enumerate() {
            ty.each_named(&mut |used| users[used].push(user));
        }
        while let Some(used) = pending.pop_front() {
            for &user in &users[used] {
                if !std::mem::replace(&mut holds[user], true) {
                    pending.push_back(user);
                }
            }
        }
        Self { types, holds }
    }

    /// The decoder of a definition that holds a `bigint`; it may turn out to do nothing.
    pub(super) fn decoder(&self, definition: usize) -> Option<Decode<'a>> {
        let ty = self.types.get(definition).filter(|_| self.holds(definition))?;
        Some(self.decode(ty).unwrap_or(Decode::Chain(Vec::new())))
    }

    /// True where TypeScript may find that no value has this type; it then refuses a decoder that
    /// returns one.
    pub(super) fn may_be_never(&self, ty: &Type<'a>) -> bool {
        match self.target(ty) {
            Type::Never => true,
            Type::Union(members) => members.iter().all(|member| self.may_be_never(member)),
            Type::Intersection(members) => {
                let mut seen = HashSet::new();
                !members.iter().all(|member| match self.target(member) {
                    Type::Object(object) => {
                        object.fields.iter().all(|field| seen.insert(field.name))
                    }
                    Type::Map(_) => true,
                    _ => false,
                })
            }
            _ => false,
        }
    }

    /// What a chain of names leads to. Circles of names alone have been cut before.
    fn target<'t>(&'t self, ty: &'t Type<'a>) -> &'t Type<'a> {
        match ty {
            Type::Named(index) => self.types.get(*index).map_or(ty, |named| self.target(named)),
            other => other,
        }
    }

    /// True where the definition has a decoder.
    fn holds(&self, definition: usize) -> bool {
        self.holds.get(definition).copied().unwrap_or(false)
    }

    /// How to decode a type; none where there is nothing to do.
    pub(super) fn decode(&self, ty: &Type<'a>) -> Option<Decode<'a>> {
        match ty {
            Type::BigInt => Some(Decode::BigInt),
            Type::Named(index) => self.holds(*index).then_some(Decode::Named(*index)),
            Type::Array(inner) => Some(Decode::Array(Box::new(self.decode(inner)?))),
            Type::Map(inner) => Some(Decode::Map(Box::new(self.decode(inner)?))),
            Type::Tuple(items, rest) => {
                let items: Vec<_> = items.iter().map(|item| self.decode(item)).collect();
                let rest = rest.as_deref().map(|rest| self.decode(rest).map(Box::new));
                let changes = items.iter().any(Option::is_some) || matches!(rest, Some(Some(_)));
                changes.then_some(Decode::Tuple(items, rest))
            }
            Type::Object(object) => self.object(object),
            Type::Union(members) => self.union(members),
            Type::Intersection(members) => {
                let mut steps: Vec<_> =
                    members.iter().filter_map(|member| self.decode(member)).collect();
                match steps.len() {
                    0 | 1 => steps.pop(),
                    _ => Some(Decode::Chain(steps)),
                }
            }
            _ => None,
        }
    }

    fn object(&self, object: &Object<'a>) -> Option<Decode<'a>> {
        let fields: Vec<_> = object
            .fields
            .iter()
            .filter_map(|field| Some((field.name, field.required, self.decode(&field.ty)?)))
            .collect();
        (!fields.is_empty()).then_some(Decode::Object(fields))
    }

    fn union(&self, members: &[Type<'a>]) -> Option<Decode<'a>> {
        if let [only, Type::Null] = members {
            return Some(Decode::Nullable(Box::new(self.decode(only)?)));
        }
        let mut branches: Vec<_> =
            members.iter().map(|member| (self.test(member, LOOK), self.decode(member))).collect();
        if let Some(always) = branches.iter().position(|(test, _)| matches!(test, Test::Always)) {
            branches.truncate(always + 1);
        }
        let last = branches.iter().rposition(|(_, decode)| decode.is_some())?;
        branches.truncate(last + 1);
        Some(Decode::Union(branches))
    }

    fn test(&self, ty: &Type<'a>, look: usize) -> Test<'a> {
        match ty {
            Type::Unknown => Test::Always,
            Type::Never => Test::Any(Vec::new()),
            Type::Null => Test::Equals("null".to_owned()),
            Type::Literal(text) => Test::Equals(text.clone()),
            Type::Boolean => Test::Is(Is::Boolean),
            Type::Number => Test::Is(Is::Number),
            Type::Text => Test::Is(Is::Text),
            Type::BigInt => Test::Is(Is::Digits),
            Type::Array(_) | Type::Tuple(_, Some(_)) => Test::Is(Is::List),
            Type::Tuple(items, None) => Test::Tuple(items.len()),
            Type::Map(_) => Test::Object(Vec::new()),
            Type::Object(object) => self.object_test(object, look),
            Type::Named(index) => match self.types.get(*index) {
                Some(named) if look > 0 => self.test(named, look - 1),
                _ => Test::Always,
            },
            Type::Union(members) => {
                any(members.iter().map(|member| self.test(member, look)).collect())
            }
            Type::Intersection(members) => {
                all(members.iter().map(|member| self.test(member, look)).collect())
            }
        }
    }

    fn object_test(&self, object: &Object<'a>, look: usize) -> Test<'a> {
        let tag = object.fields.iter().find_map(|field| match &field.ty {
            Type::Literal(text) if field.required => Some((field.name, text)),
            _ => None,
        });
        if let Some((name, text)) = tag {
            return Test::Tagged(name, text.clone());
        }
        let required = object.fields.iter().filter(|field| field.required);
        let fields = required.map(|field| {
            let test = match look.checked_sub(1) {
                Some(look) => self.test(&field.ty, look),
                None => Test::Always,
            };
            (field.name, test)
        });
        Test::Object(fields.collect())
    }
}

fn any(tests: Vec<Test<'_>>) -> Test<'_> {
    if tests.iter().any(|test| matches!(test, Test::Always)) {
        return Test::Always;
    }
    Test::Any(tests)
}

fn all(mut tests: Vec<Test<'_>>) -> Test<'_> {
    tests.retain(|test| !matches!(test, Test::Always));
    if tests.is_empty() {
        return Test::Always;
    }
    Test::All(tests)
}

fn has_own(ty: &Type<'_>) -> bool {
    match ty {
        Type::BigInt => true,
        Type::Array(inner) | Type::Map(inner) => has_own(inner),
        Type::Tuple(items, rest) => {
            items.iter().any(has_own) || rest.as_deref().is_some_and(has_own)
        }
        Type::Object(object) => object.fields.iter().any(|field| has_own(&field.ty)),
        Type::Union(members) | Type::Intersection(members) => members.iter().any(has_own),
        _ => false,
    }
}
