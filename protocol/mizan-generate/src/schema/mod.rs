//! JSON Schema as TypeScript types: the types themselves, and how they are simplified.
//!
//! `resolve` reads schemas, `cycles` removes what TypeScript refuses to define through itself.

mod absent;
mod cycles;
mod literal;
mod note;
mod object;
mod place;
mod resolve;
mod wide;

pub(crate) use cycles::cut_cycles;
pub(crate) use note::{Note, variant_notes};
pub(crate) use place::Root;
pub(crate) use resolve::Resolver;

/// A TypeScript type. Text in it is borrowed from the document and not yet quoted, except
/// literals, which are ready.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type<'a> {
    Unknown,
    Never,
    Null,
    Boolean,
    Number,
    Text,
    /// Decimal text on the wire, `bigint` in TypeScript.
    BigInt,
    /// A literal, quoted.
    Literal(String),
    Array(Box<Type<'a>>),
    /// Positions, and the type of what follows them.
    Tuple(Vec<Type<'a>>, Option<Box<Type<'a>>>),
    Map(Box<Type<'a>>),
    Object(Object<'a>),
    /// At least two members, null last.
    Union(Vec<Type<'a>>),
    /// At least two members.
    Intersection(Vec<Type<'a>>),
    /// A definition, by its position in the document's sorted `$defs`.
    Named(usize),
}

/// An object type with at least one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object<'a> {
    pub(crate) fields: Vec<Field<'a>>,
    /// True where any other key may be next to the fields.
    pub(crate) open: bool,
}

/// A field of an object, or one parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) ty: Type<'a>,
    pub(crate) required: bool,
    pub(crate) note: Note<'a>,
}

impl<'a> Type<'a> {
    /// The union of some types: flat, without doubles, null last.
    pub(crate) fn union(members: impl IntoIterator<Item = Type<'a>>) -> Self {
        let mut flat = Vec::new();
        let mut literals = std::collections::HashSet::new();
        let mut null = false;
        let mut pending: Vec<_> = members.into_iter().collect();
        pending.reverse();
        while let Some(member) = pending.pop() {
            match member {
                Self::Unknown => return Self::Unknown,
                Self::Never => {}
                Self::Null => null = true,
                Self::Union(inner) => pending.extend(inner.into_iter().rev()),
                Self::Literal(text) => {
                    if literals.insert(text.clone()) {
                        flat.push(Self::Literal(text));
                    }
                }
                other => {
                    if !flat.contains(&other) {
                        flat.push(other);
                    }
                }
            }
        }
        if null {
            flat.push(Self::Null);
        }
        one_or(flat, Self::Never, Self::Union)
    }

    /// The intersection of some types: flat, without doubles and without `unknown`.
    pub(crate) fn intersection(members: impl IntoIterator<Item = Type<'a>>) -> Self {
        let mut flat = Vec::new();
        for member in members {
            match member {
                Self::Unknown => {}
                Self::Never => return Self::Never,
                Self::Intersection(inner) => flat.extend(inner),
                other => {
                    if !flat.contains(&other) {
                        flat.push(other);
                    }
                }
            }
        }
        one_or(flat, Self::Unknown, Self::Intersection)
    }

    /// Calls `visit` with every definition this type names.
    pub(crate) fn each_named(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Self::Named(index) => visit(*index),
            Self::Array(inner) | Self::Map(inner) => inner.each_named(visit),
            Self::Tuple(items, rest) => {
                items.iter().for_each(|item| item.each_named(visit));
                rest.iter().for_each(|rest| rest.each_named(visit));
            }
            Self::Object(object) => {
                object.fields.iter().for_each(|field| field.ty.each_named(visit));
            }
            Self::Union(members) | Self::Intersection(members) => {
                members.iter().for_each(|member| member.each_named(visit));
            }
            _ => {}
        }
    }

    /// How many types it is written with.
    pub(crate) fn size(&self) -> usize {
        1 + match self {
            Self::Array(inner) | Self::Map(inner) => inner.size(),
            Self::Tuple(items, rest) => {
                items.iter().map(Self::size).sum::<usize>() + rest.as_deref().map_or(0, Self::size)
            }
            Self::Object(object) => object.fields.iter().map(|field| field.ty.size()).sum(),
            Self::Union(members) | Self::Intersection(members) => {
                members.iter().map(Self::size).sum()
            }
            _ => 0,
        }
    }

    /// True where a value of this type can be had without naming its parts again: a primitive, a
    /// named type, or a list or map of those.
    pub(crate) fn is_short(&self) -> bool {
        match self {
            Self::Array(inner) | Self::Map(inner) => inner.is_short(),
            Self::Union(members) => {
                matches!(members.as_slice(), [first, Self::Null] if first.is_short())
            }
            Self::Tuple(..) | Self::Object(_) | Self::Intersection(_) => false,
            _ => true,
        }
    }
}

fn one_or<'a>(
    mut flat: Vec<Type<'a>>,
    none: Type<'a>,
    several: impl FnOnce(Vec<Type<'a>>) -> Type<'a>,
) -> Type<'a> {
    match flat.len() {
        0 => none,
        1 => flat.remove(0),
        _ => several(flat),
    }
}
