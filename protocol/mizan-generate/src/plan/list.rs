//! Which contexts are lists that grow: those whose parameters name a part of a list, and whose member is a page.

use mizan_schema::Context;

use super::{ListPlan, MemberPlan};
use crate::schema::{Object, Type};

/// The field that identifies an item, wherever items have it.
const KEY: &str = "id";

/// The list that a context is, if it is one.
pub(super) fn list<'a>(
    context: &Context,
    members: &[MemberPlan<'a>],
    types: &[Type<'a>],
) -> Option<ListPlan<'a>> {
    let is_list = context.params.iter().any(|param| param.range);
    let [member] = members else { return None };
    let page = object(&member.field.ty, types).filter(|_| is_list)?;
    let field = |name: &str| page.fields.iter().find(|field| field.name == name);
    let (items, _) = field("items").zip(field("next"))?;
    let Type::Array(item) = &items.ty else { return None };
    let id = |field: &&crate::schema::Field<'a>| {
        let is_scalar = matches!(field.ty, Type::Number | Type::Text | Type::BigInt);
        field.name == KEY && field.required && is_scalar
    };
    let key = object(item, types).and_then(|item| item.fields.iter().find(id));
    Some(ListPlan { item: (**item).clone(), key: key.map(|field| field.name) })
}

/// The object that a type is, by whatever name.
fn object<'t, 'a>(ty: &'t Type<'a>, types: &'t [Type<'a>]) -> Option<&'t Object<'a>> {
    match ty {
        Type::Object(object) => Some(object),
        Type::Named(at) => match types.get(*at)? {
            Type::Object(object) => Some(object),
            _ => None,
        },
        _ => None,
    }
}
