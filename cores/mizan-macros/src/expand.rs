//! Writes the descriptor of a function beside the function.
//!
//! Everything that has a bound is written once, spanned at the type that must satisfy it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, Path};

use crate::attr::{Attributes, Auth, Cache, Target};
use crate::errors::Errors;
use crate::model::{Model, Role};
use crate::signature::{self, Argument, Item, wire_text};
use crate::{check, fallback};

/// The whole pipeline.
pub(crate) fn client(attribute: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attributes = Attributes::parse(attribute, &mut errors);
    let mut item: Item = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(_) => {
            errors.add(
                &tokens,
                "`#[client]` stands on something else than a function",
                "put it on a free function",
            );
            let errors = errors.finish().err().unwrap_or_default();
            return fallback::emit_raw(errors, tokens);
        }
    };
    let shape = signature::read(&mut item, &mut errors);
    match check::check(attributes, &item, shape, errors) {
        Ok(model) => {
            let descriptor = descriptor(&model, &item);
            quote!(#item #descriptor)
        }
        Err(errors) => fallback::emit(errors, &item),
    }
}

/// The name of the function that gives the descriptor.
pub(crate) fn descriptor_ident(function: &Ident) -> Ident {
    format_ident!("__mizan_{}", wire_text(function), span = function.span())
}

/// The path of what generated code may name.
pub(crate) fn private(krate: Option<&Path>) -> TokenStream {
    match krate {
        Some(path) => quote!(#path::__private),
        None => quote!(::mizan_core::__private),
    }
}

fn descriptor(model: &Model, item: &Item) -> TokenStream {
    let private = private(model.krate.as_ref());
    let (function, visibility) = (&model.ident, &item.visibility);
    let descriptor = descriptor_ident(function);
    let (name, doc) = (&model.name, &model.doc);
    let result = &model.result;
    let view = model
        .request
        .as_ref()
        .map(|ty| quote_spanned!(ty.span()=> let __view = __m::view_of::<#ty>();));
    let codecs = model.arguments.iter().map(codec);
    let check = validation(&model.arguments);
    let body = body(model);
    let options = options(model);
    // The span decides where a missing bound of the result is shown.
    let output =
        quote_spanned!(result.span()=> __m::ReturnProbe::<#result>::new().leaf().tag().codec());
    quote! {
        #[doc(hidden)]
        #[allow(unreachable_pub, missing_docs, non_snake_case, clippy::all)]
        #visibility fn #descriptor() -> #private::Function {
            use #private as __m;
            #[allow(unused_imports)]
            use __m::{
                AsyncAnswer as _, ClientFault as _, ForeignFault as _, FunctionTarget as _, NotJson as _,
                PlainReturn as _, PlainValue as _, SyncAnswer as _, ValueLeaf as _,
            };
            #view
            let __output = #output;
            __m::Function::typed(
                __m::Head {
                    name: #name,
                    doc: #doc,
                    place: __m::Place::at(::core::file!(), ::core::line!()),
                    id: __m::id_of(&#function),
                },
                (#(#codecs,)*),
                #check,
                __output,
                #body,
            )
            #options
        }

        const _: () = {
            use #private as __m;
            #[__m::linkme::distributed_slice(__m::FUNCTIONS)]
            #[linkme(crate = __m::linkme)]
            static __MIZAN: fn() -> __m::Function = #descriptor;
        };
    }
}

fn codec(argument: &Argument) -> TokenStream {
    let ty = &argument.ty;
    let name = wire_text(&argument.ident);
    let arg = quote_spanned!(ty.span()=> __m::arg::<#ty>(#name));
    let default = argument.default.as_ref().map(|value| {
        let value = match value {
            // `#[default = "acme"]` on a `String` is what anybody would write.
            Expr::Lit(ExprLit {
                lit: Lit::Str(_), ..
            }) => quote!(::core::convert::Into::into(#value)),
            value => quote!(#value),
        };
        quote_spanned!(value.span()=> .default(|| -> #ty { #value }))
    });
    quote!(#arg #default .json((&__m::JsonProbe::<#ty>::new()).to_json()))
}

/// Names and types of the arguments, as patterns of a tuple.
fn tuple(arguments: &[Argument]) -> (TokenStream, TokenStream) {
    let names = arguments.iter().map(|argument| &argument.ident);
    let types = arguments.iter().map(|argument| &argument.ty);
    (quote!((#(#names,)*)), quote!((#(#types,)*)))
}

/// Validation by garde, which the application names; nothing here depends on it otherwise.
fn validation(arguments: &[Argument]) -> TokenStream {
    if arguments
        .iter()
        .all(|argument| argument.validate.is_empty())
    {
        return quote!(::core::option::Option::None);
    }
    let (pattern, _) = tuple(arguments);
    let names: Vec<_> = arguments.iter().map(|argument| &argument.ident).collect();
    let fields = arguments.iter().map(
        |Argument {
             ident,
             ty,
             validate,
             ..
         }| match &validate[..] {
            [] => quote!(#[garde(skip)] #ident: #ty),
            rules => quote!(#(#rules)* #ident: #ty),
        },
    );
    quote! {
        ::core::option::Option::Some(|#pattern, __violations| {
            #[derive(::garde::Validate)]
            #[garde(allow_unvalidated)]
            struct __Arguments { #(#fields,)* }
            let __arguments = __Arguments { #(#names,)* };
            if let ::core::result::Result::Err(__report) = ::garde::Validate::validate(&__arguments) {
                for (__path, __error) in __report.iter() {
                    __violations.add(__path, __error.message());
                }
            }
            let __Arguments { #(#names,)* } = __arguments;
            (#(#names,)*)
        })
    }
}

fn body(model: &Model) -> TokenStream {
    let function = &model.ident;
    let (pattern, types) = tuple(&model.arguments);
    let request = model
        .request
        .as_ref()
        .map(|_| quote!(let __request = __call.request();));
    let view = model
        .request
        .as_ref()
        .map(|_| quote!((__view.get)(&__request),));
    let locals: Vec<_> = (0..model.states.len())
        .map(|at| format_ident!("__state_{at}"))
        .collect();
    let states = model
        .states
        .iter()
        .zip(&locals)
        .enumerate()
        .map(|(at, (ty, local))| quote!(let #local = __call.state::<#ty>(#at)?;));
    let names = model.arguments.iter().map(|argument| &argument.ident);
    let invoke = quote!(#function(#view #(#locals,)* #(#names,)*));
    let returned = match model.is_async {
        true => quote!(#invoke.await),
        false => quote!(__call.blocking(move || #invoke).await?),
    };
    let fault = quote_spanned!(model.result.span()=> __m::Fault::new(__error).into_error());
    quote! {
        move |#pattern: #types, __call: __m::Call| async move {
            #request
            #(#states)*
            let __returned = #returned;
            match __m::Returned(__returned).split() {
                ::core::result::Result::Ok(__value) => ::core::result::Result::Ok(__output.finish(__value)),
                ::core::result::Result::Err(__error) => ::core::result::Result::Err(#fault),
            }
        }
    }
}

fn options(model: &Model) -> TokenStream {
    let states = model
        .states
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> .state::<#ty>()));
    let request = model.request.as_ref().map(|_| quote!(.sees(__view.scope)));
    let role = match &model.role {
        Role::Read(Target::Path(path)) => quote_spanned!(path.span()=> .context_type::<#path>()),
        Role::Read(Target::Text(name)) => quote!(.context(#name)),
        Role::Call {
            affects,
            merge,
            scope,
        } => {
            let affects = affects
                .iter()
                .map(|item| target(item, Ident::new("affects", Span::mixed_site())));
            let merge = merge
                .iter()
                .map(|item| target(item, Ident::new("merge", Span::mixed_site())));
            let scope = scope.as_ref().map(|pairs| match &pairs[..] {
                [] => quote!(.scope_none()),
                pairs => {
                    let pairs = pairs
                        .iter()
                        .map(|(param, argument)| (wire_text(param), wire_text(argument)));
                    let (params, arguments): (Vec<_>, Vec<_>) = pairs.unzip();
                    quote!(#(.scope(#params, #arguments))*)
                }
            });
            quote!(#(#affects)* #(#merge)* #scope)
        }
    };
    let rest = plain_options(&model.attributes);
    quote!(#(#states)* #request #role #rest)
}

fn target(target: &Target, method: Ident) -> TokenStream {
    match target {
        Target::Text(text) => quote!(.#method(#text)),
        Target::Path(path) => {
            let text = quote!(#path).to_string().replace(' ', "");
            quote_spanned!(target.span()=> .#method(__m::TargetProbe(&#path).target(#text)))
        }
    }
}

fn plain_options(attributes: &Attributes) -> TokenStream {
    let Attributes {
        key,
        private,
        route,
        methods,
        pages,
        auth,
        websocket,
        rev,
        cache,
        ..
    } = attributes;
    let key = key
        .as_ref()
        .map(|key| &key.value)
        .map(|key| quote!(.key(#key)));
    let private = private.as_ref().map(|_| quote!(.private()));
    let route = route
        .as_ref()
        .map(|route| &route.value)
        .map(|route| quote!(.route(#route)));
    let methods = methods
        .iter()
        .flat_map(|methods| &methods.value)
        .map(|method| quote!(.method(#method)));
    let pages = pages.as_ref().map(|pages| &pages.value).map(|path| {
        let text = quote!(#path).to_string().replace(' ', "");
        // Named, so that a path that does not exist is an error here.
        quote_spanned!(path.span()=> .pages({ let _ = &#path; #text }))
    });
    let auth = auth.as_ref().map(|auth| guard(&auth.value));
    let websocket = websocket.as_ref().map(|_| quote!(.websocket()));
    let rev = rev
        .as_ref()
        .map(|rev| &rev.value)
        .map(|rev| quote!(.rev(#rev)));
    let cache = cache.as_ref().map(|cache| match &cache.value {
        Cache::Never => quote!(.cache(0)),
        Cache::Seconds(seconds) => quote!(.cache(#seconds)),
    });
    quote!(#key #private #route #(#methods)* #pages #auth #websocket #rev #cache)
}

fn guard(auth: &Auth) -> TokenStream {
    match auth {
        Auth::Required => quote!(.auth_required()),
        Auth::Staff => quote!(.auth_staff()),
        Auth::Superuser => quote!(.auth_superuser()),
        Auth::Predicate(path) => quote_spanned! {path.span()=>
            .auth_predicate(__m::scope_of(&#path), |__request| ::std::boxed::Box::pin(async move {
                let __answer = __m::Answer::new(#path(__m::view(&__request))).resolve().await;
                __m::verdict(__answer)
            }))
        },
    }
}
