//! A `Range<K>` among the parameters: three wire arguments stand for it, and no others have their names.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, PatType, Type, parse_quote_spanned};

use crate::errors::Errors;
use crate::signature::{Argument, Shape, wire_text};

/// The wire names, in the order of the arguments.
const NAMES: [&str; 3] = ["after", "until", "limit"];

/// One of the three arguments.
pub(crate) enum Part {
    /// A cursor of this key.
    Cursor(Box<Type>),
    Limit,
}

/// The three arguments.
pub(crate) struct Parts {
    /// The position of the first.
    pub(crate) at: usize,
    pub(crate) key: Type,
}

/// Adds the three arguments.
pub(crate) fn add(name: &str, key: Type, input: &PatType, shape: &mut Shape, errors: &mut Errors) {
    if shape.range.is_some() {
        return errors.add(
            &input.ty,
            format!("`{name}` has two ranges"),
            "a function reads one list: write another function, in a context of its own, for the other",
        );
    }
    let span = input.ty.span();
    shape.range = Some(Parts { at: shape.arguments.len(), key: key.clone() });
    for wire in NAMES {
        let (ty, part) = match wire {
            "limit" => (parse_quote_spanned!(span=> __m::PageLimit), Part::Limit),
            _ => {
                let ty = parse_quote_spanned!(span=> ::core::option::Option<__m::Cursor<#key>>);
                (ty, Part::Cursor(Box::new(key.clone())))
            }
        };
        let ident = Ident::new(wire, span);
        let argument = Argument {
            ident,
            ty,
            each: None,
            default: None,
            validate: Vec::new(),
            part: Some(part),
        };
        shape.arguments.push(argument);
    }
}

/// Reports what cannot be next to a range.
pub(crate) fn check(name: &str, shape: &Shape, errors: &mut Errors) {
    if shape.range.is_none() {
        return;
    }
    for argument in shape.arguments.iter().filter(|argument| argument.part.is_none()) {
        let text = wire_text(&argument.ident);
        if NAMES.contains(&&*text) {
            errors.add(
                &argument.ident,
                format!("`{name}` has a `Range` and an argument called `{text}`"),
                "clients send a range as `after`, `until` and `limit`: give the argument another name",
            );
        }
        if argument.each.is_some() {
            errors.add(
                &argument.ty,
                format!("`{name}` has a `Range` and an `Each`"),
                "a list is read for one entry at a time: take the value itself instead of `Each`",
            );
        }
    }
}

/// The codec of one of the three arguments.
pub(crate) fn codec(argument: &Argument, part: &Part) -> TokenStream {
    let name = wire_text(&argument.ident);
    match part {
        Part::Cursor(key) => quote_spanned!(key.span()=> __m::cursor::<#key>(#name)),
        Part::Limit => quote!(__m::page_limit(#name)),
    }
}

/// Makes the range of the three arguments: the statement, and the name of its result.
pub(crate) fn joined(parts: &Parts, names: &[Ident]) -> (TokenStream, Ident) {
    let range = format_ident!("__range");
    let key = &parts.key;
    // Where the codecs are, so that a type that is not a key is one error.
    let make = quote_spanned!(key.span()=> __m::range::<#key>);
    let parts = names.iter().skip(parts.at).take(NAMES.len());
    (quote!(let #range = #make(#(#parts),*)?;), range)
}

/// What a function is called with: the range in place of its arguments.
pub(crate) fn given(parts: &Parts, names: &[Ident], range: &Ident) -> Vec<Ident> {
    let (before, rest) = names.split_at(parts.at);
    let after = rest.iter().skip(NAMES.len());
    before.iter().chain([range]).chain(after).cloned().collect()
}
