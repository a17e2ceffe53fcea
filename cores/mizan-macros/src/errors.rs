//! Mistakes, collected: all of one function are reported together.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// A list of mistakes while it grows.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds a mistake on the tokens that are wrong, with the remedy on a line of its own.
    pub(crate) fn add(
        &mut self,
        tokens: impl ToTokens,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let text = format!("{}\n\n  = help: {}", message.as_ref(), help.as_ref());
        self.push(syn::Error::new_spanned(tokens, text));
    }

    /// Adds a mistake that the parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The mistakes as tokens, if there are any.
    pub(crate) fn finish(self) -> Result<(), TokenStream> {
        match self.0 {
            Some(errors) => Err(errors.into_compile_error()),
            None => Ok(()),
        }
    }
}
