//! `#[derive(Context)]`: a unit struct becomes the name of a context.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Fields, LitStr, Path};

use crate::check;
use crate::errors::Errors;
use crate::expand::private;
use crate::keyword::name_fault;

pub(crate) fn derive(tokens: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(tokens) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let unit = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unit));
    if !unit {
        errors.add(
            &input.ident,
            format!("`{}` is not a unit struct", input.ident),
            "a context is a name: write `struct UserContext;`",
        );
    }
    if !input.generics.params.is_empty() {
        errors.add(
            &input.generics,
            format!("`{}` is generic", input.ident),
            "a context is one name: remove the parameters",
        );
    }
    let options = Options::read(&input, &mut errors);
    let name = match &options.name {
        Some(name) => name.value(),
        None => snake_case(
            input.ident.to_string().strip_suffix("Context").unwrap_or(&input.ident.to_string()),
        ),
    };
    if let Some(fault) = name_fault(&name) {
        let message = match name.as_str() {
            "" => format!("no wire name follows from `{}`", input.ident),
            name => format!("`{name}` is not a wire name"),
        };
        match &options.name {
            Some(text) => errors.add(text, message, fault),
            None => errors.add(
                &input.ident,
                message,
                format!("{fault}; give one by `#[context(name = \"…\")]`"),
            ),
        }
    }
    if let Err(errors) = errors.finish() {
        return errors;
    }
    let (ident, doc) = (&input.ident, check::doc(&input.attrs));
    let private = private(options.krate.as_ref());
    quote! {
        impl #private::Context for #ident {
            const NAME: &'static str = #name;
            const DOC: &'static str = #doc;
            const LOCATION: #private::Location = #private::Location::at(::core::file!(), ::core::line!());
        }
    }
}

#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    krate: Option<Path>,
}

impl Options {
    fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("context"))
        {
            let read = attribute.parse_nested_meta(|meta| {
                let word = meta.path.to_token_stream().to_string();
                let refused = |what: String| {
                    let text = format!("{what}\n\n  = help: write `#[context(name = \"…\")]`");
                    Err(meta.error(text))
                };
                match word.as_str() {
                    "name" if options.name.is_none() => options.name = Some(meta.value()?.parse()?),
                    "crate" if options.krate.is_none() => {
                        options.krate = Some(meta.value()?.parse()?);
                    }
                    "name" | "crate" => return refused(format!("`{word}` appears twice")),
                    _ => return refused(format!("`{word}` is not a word of `#[context]`")),
                }
                Ok(())
            });
            if let Err(error) = read {
                errors.push(error);
            }
        }
        options
    }
}

/// `HTTPServerState` is `http_server_state`, and `OrderV2` is `order_v2`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() && before != '_'
                    || letters.get(at + 1).is_some_and(|next| next.is_lowercase())
            });
        if starts_word && !text.ends_with('_') {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_become_snake_case() {
        for (name, expected) in [
            ("User", "user"),
            ("StallPhotos", "stall_photos"),
            ("HTTPServer", "http_server"),
            ("OrderV2", "order_v2"),
            ("A", "a"),
            ("Already_Snake", "already_snake"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
