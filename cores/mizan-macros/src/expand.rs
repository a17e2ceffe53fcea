//! Writes the descriptor of a function next to the function.
//!
//! Everything that has a bound is written once, spanned at the type that must satisfy it. A spanned
//! part names no local of another part: names of locals are hygienic, and the spans of one function
//! differ in that where a `macro_rules!` writes it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Path, Type};

use crate::attr::{Attributes, Auth, Cache, Target, Word, bare};
use crate::errors::Errors;
use crate::item::{Item, is_function};
use crate::model::{Model, Role};
use crate::range::Parts;
use crate::signature::{self, Argument, wire_text};
use crate::types::result_spans;
use crate::validate::validation;
use crate::{check, fallback, garde, range, time};

/// The whole pipeline.
pub(crate) fn client(attribute: TokenStream, tokens: TokenStream) -> TokenStream {
    client_in(garde::manifest, attribute, tokens)
}

/// The same in a crate with this manifest.
pub(crate) fn client_in(
    manifest: impl FnOnce() -> Option<String>,
    attribute: TokenStream,
    tokens: TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let attributes = Attributes::parse(attribute, &mut errors);
    let mut item: Item = match syn::parse2(tokens.clone()) {
        Ok(item) => item,
        Err(error) if is_function(&tokens) => {
            errors.push(error);
            let errors = errors.finish().err().unwrap_or_default();
            return fallback::emit_raw(errors, tokens);
        }
        Err(_) => {
            errors.add(&tokens, "`#[client]` is not on a function", "put it on a free function");
            let errors = errors.finish().err().unwrap_or_default();
            return fallback::emit_raw(errors, tokens);
        }
    };
    if let Some(twice) = again(&item.attributes) {
        errors.add(twice, "`#[client]` appears twice", "put all words into one");
    }
    let shape = signature::read(&mut item, &mut errors);
    let name = item.signature.ident.to_string();
    garde::check(&name, &shape.arguments, manifest, &mut errors);
    match check::check(attributes, &item, shape, errors) {
        Ok(model) => {
            let descriptor = descriptor(&model, &item);
            quote!(#item #descriptor)
        }
        Err(errors) => fallback::emit(errors, &item),
    }
}

fn again(attributes: &[Attribute]) -> Option<&Attribute> {
    let mut attributes = attributes.iter();
    attributes.find(|attribute| attribute.path().is_ident("client"))
}

/// The name of the function that gives the descriptor.
pub(crate) fn descriptor_ident(function: &Ident, span: Span) -> Ident {
    format_ident!("__mizan_{}", wire_text(function), span = span)
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
    let function = &model.ident;
    // Lints read code of macros only where it is spanned as the user's, which this is not.
    let visibility = unspanned(item.visibility.to_token_stream());
    // Not spanned at the function, or an unknown type would be reported once more, with the advice
    // to make the function generic.
    let descriptor = descriptor_ident(function, Span::call_site());
    let (name, doc) = (&model.name, &model.doc);
    let cfg: Vec<_> =
        item.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    // Only where it is needed: a lint that the user forbids can be allowed nowhere.
    let deprecated = item
        .attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("deprecated"))
        .then(|| quote!(#[allow(deprecated)]));
    let result = &model.result;
    let is_idempotent = model.attributes.idempotent.is_some();
    let view = model.request.as_ref().map(|ty| {
        let view = quote_spanned!(ty.span()=> __m::view_of::<#ty>());
        let kept = is_idempotent.then(|| quote_spanned!(ty.span()=> __m::kept_view::<#ty>();));
        quote!(let __view = #view; #kept)
    });
    let guard = model.attributes.auth.as_ref().and_then(guard_view);
    let each = model.arguments.iter().position(|argument| argument.each.is_some());
    let others = model.arguments.iter().filter(|argument| argument.each.is_none());
    let others: Vec<&Argument> = others.collect();
    let codecs = others.iter().map(|argument| codec(argument));
    let check = validation(&others);
    let body = body(model);
    let options = options(model);
    let head = quote! {
        __m::Head {
            name: #name,
            doc: #doc,
            location: __m::Location::at(::core::file!(), ::core::line!()),
            id: __m::id_of(&#function),
        }
    };
    let (value_span, _) = result_spans(result);
    let leaf = quote_spanned!(value_span=> __m::ReturnProbe::<#result>::new().leaf());
    let key = each.and_then(|at| key(at, &model.arguments[at]));
    let (make, output, of_key) = match key {
        None => ("typed", quote_spanned!(value_span=> #leaf.tag().codec()), None),
        Some((ty, key)) => {
            let output = quote_spanned!(value_span=> __m::found::<#ty, _>(#leaf));
            ("each", output, Some(quote!(#key,)))
        }
    };
    let kept = is_idempotent.then(|| quote_spanned!(value_span=> __m::kept_output(&__output);));
    let given = quote!(#head, (#(#codecs,)*), #of_key #check, __output, #body);
    // A future that is not `Send` is shown on the function's name.
    let make = Ident::new(make, function.span());
    let typed = quote_spanned!(function.span()=> __m::Function::#make(#given));
    quote! {
        #(#cfg)*
        #[doc(hidden)]
        #deprecated
        #visibility fn #descriptor() -> #private::Function {
            use #private as __m;
            #[allow(unused_imports)]
            use __m::{
                AsyncAnswer as _, ClientFault as _, ForeignFault as _, FunctionTarget as _, NotJson as _,
                PlainKey as _, PlainReturn as _, PlainValue as _, SyncAnswer as _, ValueLeaf as _,
            };
            #view
            #guard
            let __output = #output;
            #kept
            #typed
            #options
        }

        #(#cfg)*
        const _: () = {
            use #private as __m;
            __m::link!(#descriptor);
        };
    }
}

/// Tokens with the names they had, and the place of the attribute.
fn unspanned(tokens: TokenStream) -> TokenStream {
    let token = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), unspanned(group.stream())).into();
        }
        token.set_span(Span::call_site());
        token
    };
    tokens.into_iter().map(token).collect()
}

fn codec(argument: &Argument) -> TokenStream {
    if let Some(part) = &argument.part {
        return range::codec(argument, part);
    }
    let ty = &argument.ty;
    let name = wire_text(&argument.ident);
    let arg = quote_spanned!(ty.span()=> __m::arg::<#ty>(#name));
    let default = argument.default.as_ref().map(|value| {
        let value = match bare(value) {
            // `#[default = "acme"]` on a `String` is what anyone would write.
            Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => {
                quote_spanned!(value.span()=> __m::TextDefault::from_text(#value))
            }
            value => quote!(#value),
        };
        quote_spanned!(value.span()=> .default(|| -> #ty { #value }))
    });
    quote!(#arg #default .json((&__m::JsonProbe::<#ty>::new()).to_json()))
}

/// The type of a key, and its position with its codec.
fn key(at: usize, argument: &Argument) -> Option<(&Type, TokenStream)> {
    let ty = argument.each.as_ref()?;
    let name = wire_text(&argument.ident);
    let probe = quote_spanned!(ty.span()=> __m::KeyProbe::<#ty>::new());
    let json = quote_spanned!(ty.span()=> (&__m::JsonProbe::<#ty>::new()).to_json());
    let key = quote_spanned!(ty.span()=> #probe.key(#name, #json));
    Some((ty, quote!((#at, #key))))
}

/// Names of the arguments, as the pattern of a tuple.
pub(crate) fn tuple(arguments: &[&Argument]) -> TokenStream {
    let names = arguments.iter().map(|argument| &argument.ident);
    quote!((#(#names,)*))
}

fn body(model: &Model) -> TokenStream {
    let function = &model.ident;
    // Names of their own: an argument may be called like the function.
    let names: Vec<_> =
        (0..model.arguments.len()).map(|at| format_ident!("__argument_{at}")).collect();
    let given = model.arguments.iter().zip(&names);
    let (mut others, mut types, mut each) = (Vec::new(), Vec::new(), None);
    for (argument, name) in given {
        match &argument.each {
            Some(key) => each = Some(quote!(#name: __m::Each<#key>,)),
            None => {
                others.push(name);
                types.push(&argument.ty);
            }
        }
    }
    let request = model.request.as_ref().map(|_| quote!(let __request = __call.request();));
    let view = model.request.as_ref().map(|_| quote!((__view.get)(&__request),));
    let locals: Vec<_> = (0..model.states.len()).map(|at| format_ident!("__state_{at}")).collect();
    let states = model
        .states
        .iter()
        .zip(&locals)
        .enumerate()
        .map(|(at, (ty, local))| quote!(let #local = __call.state::<#ty>(#at)?;));
    let (range, joined) = model.range.as_ref().map(|parts| range::joined(parts, &names)).unzip();
    let given = match (&model.range, &joined) {
        (Some(parts), Some(joined)) => range::given(parts, &names, joined),
        _ => names.clone(),
    };
    let invoke = quote!(#function(#view #(#locals,)* #(#given,)*));
    let returned = if model.is_async {
        quote!(#invoke.await)
    } else {
        quote!(__call.blocking(move || #invoke).await?)
    };
    let (_, error_span) = result_spans(&model.result);
    let into_error = quote_spanned!(error_span=> into_error);
    let steps = quote! {
        #range
        #request
        #(#states)*
        let __returned = #returned;
        match __m::Returned(__returned).split() {
            ::core::result::Result::Ok(__value) => ::core::result::Result::Ok(__output.finish(__value)),
            ::core::result::Result::Err(__error) => {
                ::core::result::Result::Err(__m::Fault::new(__error).#into_error())
            }
        }
    };
    quote!(move |(#(#others,)*): (#(#types,)*), #each __call: __m::Invocation| async move { #steps })
}

fn options(model: &Model) -> TokenStream {
    let states = model.states.iter().map(|ty| quote_spanned!(ty.span()=> .state::<#ty>()));
    let request = model.request.as_ref().map(|_| quote!(.visibility(__view.visibility)));
    let role = match &model.role {
        Role::Read(Target::Path(path)) => quote_spanned!(path.span()=> .context_type::<#path>()),
        Role::Read(Target::Text(name)) => quote!(.context(#name)),
        Role::Call { affects, merge, scope } => {
            let affects =
                affects.iter().map(|item| target(item, Ident::new("affects", Span::mixed_site())));
            let merge =
                merge.iter().map(|item| target(item, Ident::new("merge", Span::mixed_site())));
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
    let blocking = (!model.is_async).then(|| quote!(.blocking()));
    let range = model.range.as_ref().map(|Parts { at, key }| quote!(.range::<#key>(#at)));
    quote!(#(#states)* #request #role #rest #blocking #range)
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
        webhook,
        route,
        methods,
        pages,
        auth,
        websocket,
        detach,
        idempotent,
        at_once,
        rate,
        timeout,
        rev,
        cache,
        ..
    } = attributes;
    let key = key.as_ref().map(|key| &key.value).map(|key| quote!(.key(#key)));
    let private = private.as_ref().map(|_| quote!(.private()));
    let webhook = webhook.as_ref().map(|webhook| match &webhook.value {
        None => quote!(.webhook()),
        Some(path) => quote_spanned!(path.span()=> .webhook_state::<#path>()),
    });
    let route = route.as_ref().map(|route| &route.value).map(|route| quote!(.route(#route)));
    let methods =
        methods.iter().flat_map(|methods| &methods.value).map(|method| quote!(.method(#method)));
    let pages = pages.as_ref().map(|pages| &pages.value).map(|path| {
        let text = quote!(#path).to_string().replace(' ', "");
        quote_spanned!(path.span()=> .pages(&#path, #text))
    });
    let auth = auth.as_ref().map(|auth| guard(&auth.value));
    let websocket = websocket.as_ref().map(|_| quote!(.websocket()));
    let detach = detach.as_ref().map(|_| quote!(.detach()));
    let idempotent = idempotent.as_ref().map(|_| quote!(.idempotent()));
    let at_once = at_once.as_ref().map(|calls| &calls.value).map(|calls| quote!(.at_once(#calls)));
    let rates = rate.iter().flat_map(|word| &word.value).map(|rate| quote!(.rate(#rate)));
    let timeout = timeout
        .as_ref()
        .and_then(|word| time::millis(&word.value.value()))
        .map(|millis| quote!(.timeout(::core::time::Duration::from_millis(#millis))));
    let rev = rev.as_ref().map(|rev| &rev.value).map(|rev| quote!(.rev(#rev)));
    let cache = cache.as_ref().map(|cache| match &cache.value {
        Cache::Never => quote!(.cache(0)),
        Cache::Seconds(seconds) => quote!(.cache(#seconds)),
    });
    quote!(#key #private #webhook #route #(#methods)* #pages #auth #websocket #detach #idempotent #at_once #(#rates)* #timeout #rev #cache)
}

/// The view of the request that a predicate takes; which one follows from its signature.
fn guard_view(auth: &Word<Auth>) -> Option<TokenStream> {
    match &auth.value {
        Auth::Predicate(path) => Some(quote_spanned!(beside(path)=> let __guard = __m::view_of();)),
        _ => None,
    }
}

fn guard(auth: &Auth) -> TokenStream {
    match auth {
        Auth::Required => quote!(.auth_required()),
        Auth::Staff => quote!(.auth_staff()),
        Auth::Superuser => quote!(.auth_superuser()),
        Auth::Predicate(path) => quote_spanned! {beside(path)=>
            .auth_predicate(__guard.visibility, move |__request| ::std::boxed::Box::pin(async move {
                let __answer = __m::Answer::new(#path((__guard.get)(&__request))).resolve().await;
                __m::verdict(__answer)
            }))
        },
    }
}

/// The place of a path, and names as everywhere else. The compiler proposes no edits there, which
/// would be wrong: the attribute holds a path and no call.
fn beside(path: &Path) -> Span {
    Span::call_site().located_at(path.span())
}
