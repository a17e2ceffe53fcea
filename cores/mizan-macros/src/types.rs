//! What the spelling of a type shows.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

/// A type without the invisible brackets in which a `macro_rules!` hands on what it was given.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        ty => ty,
    }
}

/// The type inside of `State<…>`, by the last part of the path.
pub(crate) fn state_type(ty: &Type) -> Option<Type> {
    inside("State", ty)
}

/// The type inside of `Each<…>`.
pub(crate) fn each_type(ty: &Type) -> Option<Type> {
    inside("Each", ty)
}

/// The key inside of `Range<…>`. The range of the standard library is an argument: it is written with its path.
pub(crate) fn range_type(ty: &Type) -> Option<Type> {
    let Type::Path(path) = bare(ty) else { return None };
    let first = &path.path.segments.first()?.ident;
    if first == "std" || first == "core" { None } else { inside("Range", ty) }
}

/// The type inside of `name<…>`, by the last part of the path.
fn inside(name: &str, ty: &Type) -> Option<Type> {
    let Type::Path(path) = bare(ty) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner.clone()),
        _ => None,
    }
}

/// Texts and lists, which are never a view of the request.
pub(crate) fn is_borrowed_data(ty: &Type) -> bool {
    match bare(ty) {
        Type::Slice(_) | Type::Reference(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    }
}

/// Whether `impl Trait` is anywhere in a type.
pub(crate) fn has_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => has_impl(group.stream()),
        _ => false,
    })
}

/// Whether a type holds a reference that ends some time.
pub(crate) fn borrows(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Punct(sign) if sign.as_char() == '&' => {
                // The lifetime is an apostrophe and a name.
                let lifetime = tokens.next_if(
                    |next| matches!(next, TokenTree::Punct(sign) if sign.as_char() == '\''),
                );
                let is_static =
                    matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "static");
                lifetime.is_none() || !is_static
            }
            TokenTree::Group(group) => borrows(group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Where a fault of the value and one of the error are shown: on the arguments of what looks like a
/// `Result`, else on the type. Only the place of a message depends on this guess.
pub(crate) fn result_spans(result: &Type) -> (Span, Span) {
    let whole = result.span();
    let Type::Path(path) = bare(result) else {
        return (whole, whole);
    };
    let last = path.path.segments.last();
    let last = last.filter(|last| last.ident.to_string().ends_with("Result"));
    let Some(PathArguments::AngleBracketed(arguments)) = last.map(|last| &last.arguments) else {
        return (whole, whole);
    };
    let mut spans = arguments.args.iter().map(Spanned::span);
    (spans.next().unwrap_or(whole), spans.next().unwrap_or(whole))
}
