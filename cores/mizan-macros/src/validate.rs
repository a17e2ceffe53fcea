//! Writes the validation of arguments by garde, which the application names; nothing here depends on
//! it otherwise.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::expand::tuple;
use crate::signature::Argument;

/// A function that checks every argument, or `None` where nothing is asked.
pub(crate) fn validation(arguments: &[&Argument]) -> TokenStream {
    if arguments.iter().all(|argument| argument.validate.is_empty()) {
        return quote!(::core::option::Option::None);
    }
    let span = validation_span(arguments);
    let derive = quote_spanned!(span=> #[derive(::garde::Validate)]);
    let pattern = tuple(arguments);
    let names: Vec<_> = arguments.iter().map(|argument| &argument.ident).collect();
    let fields = arguments.iter().map(|Argument { ident, ty, validate, .. }| match &validate[..] {
        [] => quote!(#[garde(skip)] #ident: #ty),
        rules => quote!(#(#rules)* #ident: #ty),
    });
    quote! {
        ::core::option::Option::Some(|#pattern, __violations| {
            #derive
            #[garde(allow_unvalidated)]
            struct __Arguments { #(#fields,)* }
            // After a mistake in a rule the derive writes nothing, and this answers in its place.
            trait __Unchecked {
                fn validate(&self) -> ::core::result::Result<(), ::garde::Report> {
                    ::core::result::Result::Ok(())
                }
            }
            impl __Unchecked for &__Arguments {}
            #[allow(unused_imports)]
            use ::garde::Validate as _;
            let __arguments = __Arguments { #(#names,)* };
            if let ::core::result::Result::Err(__report) = (&__arguments).validate() {
                for (__path, __error) in __report.iter() {
                    __violations.add(__path, __error.message());
                }
            }
            let __Arguments { #(#names,)* } = __arguments;
            (#(#names,)*)
        })
    }
}

/// The rule, if there is only one: garde itself reports where it is derived.
fn validation_span(arguments: &[&Argument]) -> Span {
    let rules: Vec<_> = arguments.iter().flat_map(|argument| &argument.validate).collect();
    match rules[..] {
        [rule] => rule.path().span(),
        _ => Span::call_site(),
    }
}
