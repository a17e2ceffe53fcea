//! What is emitted after a mistake: the function as it was, so that calls of it still resolve.

use proc_macro2::TokenStream;
use quote::quote;

use crate::item::Item;

/// The mistakes and the function.
pub(crate) fn emit(errors: TokenStream, item: &Item) -> TokenStream {
    quote!(#errors #[allow(dead_code, unused_variables)] #item)
}

/// The mistakes and whatever was under the attribute.
pub(crate) fn emit_raw(errors: TokenStream, item: TokenStream) -> TokenStream {
    quote!(#errors #item)
}
