//! The function as it was written: request, states, arguments, result.

use quote::ToTokens;
use syn::{Attribute, Expr, FnArg, Ident, Meta, Pat, PatType, ReturnType, Safety, Type};

use crate::errors::Errors;
use crate::item::Item;
use crate::keyword::name_fault;
use crate::range;
use crate::types::{bare, borrows, each_type, has_impl, is_borrowed_data, range_type, state_type};

/// The most wire arguments of one function; more belong into a struct.
const MAX_ARGUMENTS: usize = 12;

/// One wire argument.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The key, where the type is `Each<…>`.
    pub(crate) each: Option<Type>,
    pub(crate) default: Option<Expr>,
    pub(crate) validate: Vec<Attribute>,
    /// For which parameter of a `Range` it stands.
    pub(crate) part: Option<range::Part>,
}

/// What the parameters and the return type say.
#[derive(Default)]
pub(crate) struct Shape {
    /// The type that the reference of a request parameter points to.
    pub(crate) request: Option<Type>,
    /// The types inside of `State<…>`.
    pub(crate) states: Vec<Type>,
    pub(crate) arguments: Vec<Argument>,
    /// The three arguments in place of a `Range`.
    pub(crate) range: Option<range::Parts>,
    /// `None` where nothing is returned.
    pub(crate) result: Option<Type>,
}

/// Reads a function and strips Mizan's attributes from its parameters.
pub(crate) fn read(item: &mut Item, errors: &mut Errors) -> Shape {
    let mut shape = Shape::default();
    let name = item.signature.ident.to_string();
    let signature = &mut item.signature;
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        let (tokens, what) = match &signature.generics.where_clause {
            Some(bounds) if signature.generics.params.is_empty() => {
                (bounds.to_token_stream(), "bounds")
            }
            _ => (signature.generics.to_token_stream(), "parameters"),
        };
        errors.add(
            tokens,
            format!("`{name}` is generic"),
            format!("a wire function has one type: remove the {what}"),
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.add(
            token,
            format!("`{name}` is unsafe"),
            "clients cannot keep a contract of safety",
        );
    }
    for (position, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                errors.add(
                    receiver,
                    format!("`{name}` takes `self`"),
                    "write a free function; state comes in as `State<T>`",
                );
            }
            FnArg::Typed(input) => parameter(&name, position, input, &mut shape, errors),
        }
    }
    range::check(&name, &shape, errors);
    if let Some(extra) = shape.arguments.get(MAX_ARGUMENTS) {
        errors.add(
            &extra.ident,
            format!(
                "`{name}` has {} arguments, and {MAX_ARGUMENTS} is the most",
                shape.arguments.len()
            ),
            "put some of them into a struct",
        );
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        match &**ty {
            ty if has_impl(ty.to_token_stream()) => errors.add(
                ty,
                format!("`{name}` returns `impl Trait`"),
                "name the type: clients need its schema",
            ),
            ty if borrows(ty.to_token_stream()) => {
                errors.add(ty, format!("`{name}` returns a reference"), "return an owned value")
            }
            ty => shape.result = Some(ty.clone()),
        }
    }
    shape
}

fn parameter(
    name: &str,
    position: usize,
    input: &mut PatType,
    shape: &mut Shape,
    errors: &mut Errors,
) {
    let (default, validate) = ours(&mut input.attrs, errors);
    let unwanted = |what: &str, errors: &mut Errors| {
        if let Some(expr) = &default {
            errors.add(
                expr,
                format!("{what} of `{name}` has a default"),
                "defaults are for wire arguments",
            );
        }
        for attribute in &validate {
            errors.add(
                attribute,
                format!("{what} of `{name}` is validated"),
                "validation is for wire arguments",
            );
        }
    };
    if let Type::Reference(reference) = bare(&input.ty) {
        if position > 0 || is_borrowed_data(&reference.elem) {
            errors.add(
                &input.ty,
                format!("parameter {} of `{name}` is a reference", position + 1),
                "only the request is one, in first place; a wire argument is owned (`String` for `&str`, `Vec<T>` for `&[T]`)",
            );
            // It counts as an argument from here on, so that a route or a scope may name it.
            if let Some(ident) = plain_ident(&input.pat) {
                let ty = (*input.ty).clone();
                shape.arguments.push(Argument {
                    ident,
                    ty,
                    each: None,
                    default,
                    validate,
                    part: None,
                });
            }
            return;
        }
        if let Some(token) = &reference.mutability {
            errors.add(token, format!("`{name}` takes the request mutably"), "take it by `&`");
        }
        unwanted("the request", errors);
        shape.request = Some((*reference.elem).clone());
        return;
    }
    if let Some(state) = state_type(&input.ty) {
        unwanted("a state", errors);
        if let Some(argument) = shape.arguments.last() {
            let message =
                format!("a state of `{name}` comes after the argument `{}`", argument.ident);
            errors.add(&input.ty, message, "the order is request, states, arguments");
        }
        shape.states.push(state);
        return;
    }
    if let Some(key) = range_type(&input.ty) {
        unwanted("the range", errors);
        return range::add(name, key, input, shape, errors);
    }
    if borrows(input.ty.to_token_stream()) {
        errors.add(
            &input.ty,
            format!("parameter {} of `{name}` holds a reference", position + 1),
            "a wire argument is owned: write `String` for `&str`, `Vec<T>` for `&[T]`",
        );
    }
    if has_impl(input.ty.to_token_stream()) {
        return errors.add(
            &input.ty,
            format!("`{name}` takes `impl Trait`"),
            "name the type: clients need its schema",
        );
    }
    let Some(ident) = plain_ident(&input.pat) else {
        let what = match &*input.pat {
            Pat::Wild(_) => "has no name",
            _ => "is taken apart by a pattern",
        };
        return errors.add(
            &input.pat,
            format!("an argument of `{name}` {what}"),
            "give it a name: clients send it by that",
        );
    };
    let text = wire_text(&ident);
    if let Some(fault) = name_fault(&text) {
        let help = match text.strip_prefix('_') {
            // What the compiler proposes for an unused argument.
            Some(rest) if name_fault(rest).is_none() => {
                format!(
                    "clients send it by its name: write `{rest}`, and `let _ = {rest};` where it is not used"
                )
            }
            _ => fault.to_owned(),
        };
        errors.add(&ident, format!("`{ident}` of `{name}` is not an argument name"), help);
    }
    let each = each_type(&input.ty);
    if each.is_some() {
        if let Some(default) = &default {
            let message = format!("the `Each` of `{name}` has a default");
            errors.add(default, message, "a key has none; let the client send it");
        }
        if let Some(rule) = validate.first() {
            let message = format!("the `Each` of `{name}` is validated");
            let help = "check the keys in the function, and insert an error for each invalid one";
            errors.add(rule, message, help);
        }
    }
    let ty = (*input.ty).clone();
    shape.arguments.push(Argument { ident, ty, each, default, validate, part: None });
}

/// Takes `#[default = …]` and `#[garde(…)]` off a parameter.
fn ours(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> (Option<Expr>, Vec<Attribute>) {
    let (mut default, mut validate) = (None, Vec::new());
    attributes.retain(|attribute| {
        if attribute.path().is_ident("default") {
            match &attribute.meta {
                Meta::NameValue(_) if default.is_some() => {
                    errors.add(attribute, "a second default", "keep one of the two");
                }
                Meta::NameValue(pair) => default = Some(pair.value.clone()),
                _ => errors.add(attribute, "a default without a value", "write `#[default = 1]`"),
            }
            return false;
        }
        if attribute.path().is_ident("garde") {
            validate.push(attribute.clone());
            return false;
        }
        true
    });
    (default, validate)
}

fn plain_ident(pattern: &Pat) -> Option<Ident> {
    match pattern {
        Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
            Some(ident.ident.clone())
        }
        _ => None,
    }
}

/// The text of a name on the wire: `r#type` is `type`.
pub(crate) fn wire_text(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}
