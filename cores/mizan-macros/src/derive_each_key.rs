//! `#[derive(EachKey)]`: a struct becomes a key of several parameters.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Path};

use crate::errors::Errors;
use crate::expand::private;
use crate::keyword::name_fault;
use crate::signature::wire_text;

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    if !input.generics.params.is_empty() {
        errors.add(
            &input.generics,
            format!("`{}` is generic", input.ident),
            "a parameter has one type: remove the parameters",
        );
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => Some(&fields.named),
            _ => None,
        },
        _ => None,
    };
    if fields.is_none() {
        errors.add(
            &input.ident,
            format!("`{}` is not a struct with named fields", input.ident),
            "each field is a parameter: write `struct CardKey { stall_id: i64, user_id: i64 }`",
        );
    }
    let krate = krate(&input.attrs, &mut errors);
    let fields: Vec<_> = fields.into_iter().flatten().collect();
    for ident in fields.iter().filter_map(|field| field.ident.as_ref()) {
        let name = wire_text(ident);
        if let Some(fault) = name_fault(&name) {
            errors.add(ident, format!("`{name}` is not the name of a parameter"), fault);
        }
    }
    if let Err(errors) = errors.finish() {
        return errors;
    }
    let private = private(krate.as_ref());
    // Placed at the word in the derive, so that a missing trait is reported once.
    let mut ident = input.ident.clone();
    ident.set_span(Span::call_site());
    let names: Vec<_> = fields.iter().filter_map(|field| field.ident.as_ref()).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let codecs = names.iter().zip(&types).map(|(name, ty)| {
        let name = wire_text(name);
        let arg = quote_spanned!(ty.span()=> __m::arg::<#ty>(#name));
        quote!(#arg.json((&__m::JsonProbe::<#ty>::new()).to_json()))
    });
    quote! {
        const _: () = {
            use #private as __m;
            #[allow(unused_imports)]
            use __m::NotJson as _;
            impl __m::EachKey for #ident {
                type Codecs = (#(__m::Codec<#types>,)*);
                fn codecs() -> Self::Codecs {
                    (#(#codecs,)*)
                }
                fn of((#(#names,)*): (#(#types,)*)) -> Self {
                    Self { #(#names,)* }
                }
            }
        };
    }
}

/// The path of `#[each_key(crate = …)]`.
fn krate(attributes: &[Attribute], errors: &mut Errors) -> Option<Path> {
    let mut krate = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("each_key")) {
        let read = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") || krate.is_some() {
                let help = "\n\n  = help: write `#[each_key(crate = path)]`, once";
                return Err(meta.error(format!("not a word of `#[each_key]`{help}")));
            }
            krate = Some(meta.value()?.parse()?);
            Ok(())
        });
        if let Err(error) = read {
            errors.push(error);
        }
    }
    krate
}
