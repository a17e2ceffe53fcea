//! The item under the attribute, as it was typed.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Abi, Attribute, Ident, Signature, Token, Visibility};

/// The item, with its body kept as it was typed: half-written functions still parse.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
            body: input.parse()?,
        })
    }
}

/// Whether tokens that do not parse were meant as a function.
pub(crate) fn is_function(tokens: &TokenStream) -> bool {
    let start = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let qualifier = |input: ParseStream<'_>| {
            input.peek(Token![const]) || input.peek(Token![async]) || input.peek(Token![unsafe])
        };
        while qualifier(input) {
            input.call(Ident::parse_any)?;
        }
        input.parse::<Option<Abi>>()?;
        let function = input.peek(Token![fn]);
        input.parse::<TokenStream>()?;
        Ok(function)
    };
    start.parse2(tokens.clone()).unwrap_or(false)
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attributes.iter().map(ToTokens::to_token_stream));
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
