//! `types.ts`, and how a type is written.

use super::layout::{Piece, list, text, type_list, write};
use super::{docs, put};
use crate::names::key;
use crate::plan::Plan;
use crate::schema::{Field, Object, Type};

pub(super) fn emit(out: &mut String, plan: &Plan<'_>) {
    for (index, declared) in plan.types.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        docs::write(out, &declared.note, declared.variants.as_deref());
        match &declared.ty {
            Type::Object(Object { fields, open }) => {
                interface(out, plan, &declared.ident, fields, *open);
            }
            other => alias(out, plan, &declared.ident, other),
        }
    }
    if plan.types.is_empty() {
        out.push_str("export {};\n");
    }
}

/// An exported interface.
pub(super) fn interface(
    out: &mut String,
    plan: &Plan<'_>,
    ident: &str,
    fields: &[Field<'_>],
    open: bool,
) {
    let mut inner = Vec::new();
    for field in fields {
        inner.push(Piece::Hard);
        inner.extend(docs::pieces(&field.note));
        inner.extend([signature(plan, field), text(";")]);
    }
    if open {
        inner.extend([Piece::Hard, text("[key: string]: unknown;")]);
    }
    put(out, format_args!("export interface {ident} "));
    let piece = vec![text("{"), Piece::Indent(inner), Piece::Hard, text("}\n")];
    write(out, Piece::All(piece));
}

/// Fields as an exported interface, or a type of the empty object where there are none.
pub(super) fn record(out: &mut String, plan: &Plan<'_>, ident: &str, fields: &[Field<'_>]) {
    if fields.is_empty() {
        put(out, format_args!("export type {ident} = Record<string, never>;\n"));
    } else {
        interface(out, plan, ident, fields, false);
    }
}

/// An exported alias.
pub(super) fn alias(out: &mut String, plan: &Plan<'_>, ident: &str, ty: &Type<'_>) {
    put(out, format_args!("export type {ident} ="));
    let printer = Printer { plan, in_alias: true };
    write(out, Piece::All(vec![printer.annotation(ty), text(";\n")]));
}

/// A type where another expression surrounds it.
pub(super) fn inline<'p>(plan: &'p Plan<'_>, ty: &'p Type<'_>) -> Piece<'p> {
    Printer { plan, in_alias: false }.inline(ty)
}

/// `name?: type`.
fn signature<'p>(plan: &'p Plan<'_>, field: &'p Field<'_>) -> Piece<'p> {
    Printer { plan, in_alias: false }.signature(field)
}

#[derive(Clone, Copy)]
struct Printer<'p, 'a> {
    plan: &'p Plan<'a>,
    /// `Record` in an alias is followed at once, an index signature only when it is used: a
    /// recursive alias needs the latter.
    in_alias: bool,
}

impl<'p, 'a> Printer<'p, 'a> {
    fn signature(self, field: &'p Field<'a>) -> Piece<'p> {
        let mark = if field.required { ":" } else { "?:" };
        Piece::All(vec![text(key(field.name)), text(mark), self.annotation(&field.ty)])
    }

    /// A type after a colon or an equals sign, with the space before it.
    fn annotation(self, ty: &'p Type<'a>) -> Piece<'p> {
        match ty {
            Type::Union(members) if !ty.is_short() => {
                Piece::Group(vec![Piece::Indent(self.members(Some(Piece::Line), members))])
            }
            other => Piece::All(vec![text(" "), self.inline(other)]),
        }
    }

    fn inline(self, ty: &'p Type<'a>) -> Piece<'p> {
        match ty {
            Type::Unknown => text("unknown"),
            Type::Never => text("never"),
            Type::Null => text("null"),
            Type::Boolean => text("boolean"),
            Type::Number => text("number"),
            Type::Text => text("string"),
            Type::BigInt => text("bigint"),
            Type::Literal(literal) => text(literal.as_str()),
            Type::Named(index) => text(self.ident(*index)),
            Type::Array(inner) => Piece::All(vec![self.operand(inner), text("[]")]),
            Type::Tuple(items, rest) => self.tuple(items, rest.as_deref()),
            Type::Map(inner) => self.map(inner),
            Type::Object(object) => self.object(object),
            Type::Union(members) => match members.as_slice() {
                // Not worth a line each.
                [only, Type::Null] => Piece::All(vec![self.inline(only), text(" | null")]),
                members => Piece::Group(self.members(None, members)),
            },
            Type::Intersection(members) => self.intersection(members),
        }
    }

    fn ident(self, index: usize) -> &'p str {
        self.plan.types.get(index).map_or("unknown", |named| named.ident.as_str())
    }

    fn members(self, edge: Option<Piece<'p>>, members: &'p [Type<'a>]) -> Vec<Piece<'p>> {
        let mut inner: Vec<_> = edge.into_iter().chain([Piece::IfBroken("| ")]).collect();
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                inner.extend([Piece::Line, text("| ")]);
            }
            inner.push(match member {
                Type::Intersection(_) => self.operand(member),
                other => self.inline(other),
            });
        }
        inner
    }

    fn tuple(self, items: &'p [Type<'a>], rest: Option<&'p Type<'a>>) -> Piece<'p> {
        let items = items.iter().map(|item| self.inline(item));
        let rest = rest.map(|rest| Piece::All(vec![text("..."), self.operand(rest), text("[]")]));
        list("[", items.chain(rest), "]")
    }

    fn map(self, inner: &'p Type<'a>) -> Piece<'p> {
        let mut named = false;
        inner.each_named(&mut |_| named = true);
        if self.in_alias && named {
            return Piece::All(vec![text("{ [key: string]: "), self.inline(inner), text(" }")]);
        }
        Piece::All(vec![text("Record"), type_list([text("string"), self.inline(inner)])])
    }

    fn object(self, object: &'p Object<'a>) -> Piece<'p> {
        let mut inner = Vec::new();
        for field in &object.fields {
            if !inner.is_empty() {
                inner.push(text(";"));
            }
            inner.push(Piece::Line);
            inner.extend(docs::pieces(&field.note));
            inner.push(self.signature(field));
        }
        if object.open {
            inner.extend([text(";"), Piece::Line, text("[key: string]: unknown")]);
        }
        inner.push(Piece::IfBroken(";"));
        Piece::Group(vec![text("{"), Piece::Indent(inner), Piece::Line, text("}")])
    }

    fn intersection(self, members: &'p [Type<'a>]) -> Piece<'p> {
        let mut inner = Vec::new();
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                inner.extend([text(" &"), Piece::Line]);
            }
            inner.push(match member {
                Type::Union(_) => self.operand(member),
                other => self.inline(other),
            });
        }
        Piece::Group(vec![Piece::Indent(inner)])
    }

    /// In parentheses where an operator follows that binds tighter.
    fn operand(self, ty: &'p Type<'a>) -> Piece<'p> {
        match ty {
            Type::Union(members) => {
                let inner = self.members(Some(Piece::Soft), members);
                Piece::Group(vec![text("("), Piece::Indent(inner), Piece::Soft, text(")")])
            }
            Type::Intersection(_) => Piece::All(vec![text("("), self.inline(ty), text(")")]),
            other => self.inline(other),
        }
    }
}
