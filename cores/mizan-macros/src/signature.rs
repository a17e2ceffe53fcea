//! The function as it was written: request, states, arguments, result.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Expr, FnArg, GenericArgument, Ident, Meta, Pat, PatType, PathArguments, ReturnType,
    Safety, Signature, Type, Visibility,
};

use crate::errors::Errors;
use crate::keyword::name_fault;

/// The most wire arguments of one function; more belong into a struct.
const MAX_ARGUMENTS: usize = 12;

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

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attributes.iter().map(ToTokens::to_token_stream));
        self.visibility.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// One wire argument.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) default: Option<Expr>,
    pub(crate) validate: Vec<Attribute>,
}

/// What the parameters and the return type say.
#[derive(Default)]
pub(crate) struct Shape {
    /// The type behind the reference of a request parameter.
    pub(crate) request: Option<Type>,
    /// The types inside of `State<…>`.
    pub(crate) states: Vec<Type>,
    pub(crate) arguments: Vec<Argument>,
    /// `None` where nothing is returned.
    pub(crate) result: Option<Type>,
}

/// Reads a function and strips the attributes that are ours from its parameters.
pub(crate) fn read(item: &mut Item, errors: &mut Errors) -> Shape {
    let mut shape = Shape::default();
    let name = item.signature.ident.to_string();
    let signature = &mut item.signature;
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        let what = format!("`{name}` is generic");
        errors.add(
            &signature.generics,
            what,
            "a wire function has one type: remove the parameters",
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
            Type::ImplTrait(_) => errors.add(
                ty,
                format!("`{name}` returns `impl Trait`"),
                "name the type: clients need its schema",
            ),
            Type::Reference(_) => errors.add(
                ty,
                format!("`{name}` returns a reference"),
                "return an owned value",
            ),
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
    if let Type::Reference(reference) = &*input.ty {
        if position > 0 {
            return errors.add(
                &input.ty,
                format!("parameter {} of `{name}` is a reference", position + 1),
                "only the request is one, in first place; a wire argument is owned (`String` for `&str`, `Vec<T>` for `&[T]`)",
            );
        }
        if let Some(token) = &reference.mutability {
            errors.add(
                token,
                format!("`{name}` takes the request mutably"),
                "take it by `&`",
            );
        }
        unwanted("the request", errors);
        shape.request = Some((*reference.elem).clone());
        return;
    }
    if let Some(state) = state_type(&input.ty) {
        unwanted("a state", errors);
        if let Some(argument) = shape.arguments.last() {
            let message = format!(
                "a state of `{name}` stands behind the argument `{}`",
                argument.ident
            );
            errors.add(
                &input.ty,
                message,
                "the order is request, states, arguments",
            );
        }
        shape.states.push(state);
        return;
    }
    if let Type::ImplTrait(_) = &*input.ty {
        return errors.add(
            &input.ty,
            format!("`{name}` takes `impl Trait`"),
            "name the type: clients need its schema",
        );
    }
    let Some(ident) = plain_ident(&input.pat) else {
        return errors.add(
            &input.pat,
            format!("an argument of `{name}` is taken apart by a pattern"),
            "give it a name: clients send it by that",
        );
    };
    if let Some(fault) = name_fault(&wire_text(&ident)) {
        errors.add(
            &ident,
            format!("`{ident}` of `{name}` is not an argument name"),
            fault,
        );
    }
    shape.arguments.push(Argument {
        ident,
        ty: (*input.ty).clone(),
        default,
        validate,
    });
}

/// Takes `#[default = …]` and `#[garde(…)]` off a parameter.
fn ours(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> (Option<Expr>, Vec<Attribute>) {
    let (mut default, mut validate) = (None, Vec::new());
    attributes.retain(|attribute| {
        if attribute.path().is_ident("default") {
            match &attribute.meta {
                Meta::NameValue(pair) => default = Some(pair.value.clone()),
                _ => errors.add(
                    attribute,
                    "a default without a value",
                    "write `#[default = 1]`",
                ),
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

/// The type inside of `State<…>`, by the last part of the path.
fn state_type(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == "State")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner.clone()),
        _ => None,
    }
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
