//! `functions![path::to::function]`: descriptors by path.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Path, Token};

use crate::expand::descriptor_ident;

pub(crate) fn functions(tokens: TokenStream) -> TokenStream {
    let parser = Punctuated::<Path, Token![,]>::parse_terminated;
    let paths = match parser.parse2(tokens) {
        Ok(paths) => paths,
        Err(error) => return error.into_compile_error(),
    };
    let calls = paths.into_iter().map(|mut path| {
        if let Some(last) = path.segments.last_mut() {
            last.ident = descriptor_ident(&last.ident, last.ident.span());
        }
        quote!(#path())
    });
    quote!(::std::vec![#(#calls),*])
}
