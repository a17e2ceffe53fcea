//! The attribute as it was written: each word at most once, each value of the right form.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Ident, Lit, LitInt, LitStr, Path, Token, token};

use crate::errors::Errors;
use crate::keyword::{WORDS, closest};

/// A value and the word that brought it.
pub(crate) struct Word<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

/// A context or a function: by path, or by text.
pub(crate) enum Target {
    Path(Path),
    Text(LitStr),
}

/// Who may run the function.
pub(crate) enum Auth {
    Required,
    Staff,
    Superuser,
    Predicate(Path),
}

/// How long a cache may keep what a read computes.
pub(crate) enum Cache {
    Never,
    Seconds(LitInt),
}

/// Pairs of a context's parameter and the argument that pins it.
pub(crate) type Scope = Vec<(Ident, Ident)>;

/// Everything that was in the parentheses.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) context: Option<Word<Target>>,
    pub(crate) affects: Option<Word<Vec<Target>>>,
    pub(crate) merge: Option<Word<Vec<Target>>>,
    pub(crate) key: Option<Word<LitStr>>,
    pub(crate) scope: Option<Word<Scope>>,
    pub(crate) private: Option<Word<()>>,
    pub(crate) webhook: Option<Word<Option<Path>>>,
    pub(crate) route: Option<Word<LitStr>>,
    pub(crate) methods: Option<Word<Vec<LitStr>>>,
    pub(crate) pages: Option<Word<Path>>,
    pub(crate) auth: Option<Word<Auth>>,
    pub(crate) websocket: Option<Word<()>>,
    pub(crate) detach: Option<Word<()>>,
    pub(crate) idempotent: Option<Word<()>>,
    pub(crate) at_once: Option<Word<LitInt>>,
    pub(crate) rate: Option<Word<Vec<LitStr>>>,
    pub(crate) timeout: Option<Word<LitStr>>,
    pub(crate) rev: Option<Word<LitInt>>,
    pub(crate) cache: Option<Word<Cache>>,
    pub(crate) name: Option<Word<LitStr>>,
    pub(crate) krate: Option<Word<Path>>,
    /// Words that were meant and are wrong in themselves, so that no other is blamed for missing them.
    faulty: Vec<String>,
}

impl Attributes {
    /// Reads the parentheses. A mistake in one word does not hide those in the next.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut attributes = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                attributes.word(input, errors)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        attributes
    }

    /// Reads one word and its value. `word(value)` is read too, so that one message says how it is
    /// written.
    fn word(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word = Ident::parse_any(input)?;
        let equals = input.parse::<Option<Token![=]>>()?;
        if let Some(equals) = equals
            && (input.is_empty() || input.peek(Token![,]))
        {
            self.faulty.push(word.to_string());
            errors.add(
                equals,
                format!("`{word}` has no value after `=`"),
                "write the value, or remove the `=` from a word that takes none",
            );
            return Ok(());
        }
        let has_value = equals.is_some() || input.peek(token::Paren);
        let value = has_value.then(|| input.parse::<Expr>()).transpose()?;
        self.take(word, value.map(|value| bare(&value).clone()), errors);
        Ok(())
    }

    /// Whether a word is there, be it in a wrong form.
    pub(crate) fn mentions<T>(&self, word: &str, slot: &Option<Word<T>>) -> bool {
        slot.is_some() || self.faulty.iter().any(|faulty| faulty == word)
    }

    fn take(&mut self, word: Ident, value: Option<Expr>, errors: &mut Errors) {
        let name = word.to_string();
        let taken = match name.as_str() {
            "context" => set(&mut self.context, word, value, target, errors),
            "affects" => set(&mut self.affects, word, value, targets, errors),
            "merge" => set(&mut self.merge, word, value, targets, errors),
            "key" => set(&mut self.key, word, value, text, errors),
            "scope" => set(&mut self.scope, word, value, scope, errors),
            "private" => set(&mut self.private, word, value, flag, errors),
            "webhook" => set(&mut self.webhook, word, value, webhook, errors),
            "route" => set(&mut self.route, word, value, text, errors),
            "methods" => set(&mut self.methods, word, value, texts, errors),
            "pages" => set(&mut self.pages, word, value, path, errors),
            "auth" => set(&mut self.auth, word, value, auth, errors),
            "websocket" => set(&mut self.websocket, word, value, flag, errors),
            "detach" => set(&mut self.detach, word, value, flag, errors),
            "idempotent" => set(&mut self.idempotent, word, value, flag, errors),
            "at_once" => set(&mut self.at_once, word, value, count, errors),
            "rate" => set(&mut self.rate, word, value, rates, errors),
            "timeout" => set(&mut self.timeout, word, value, time, errors),
            "rev" => set(&mut self.rev, word, value, integer, errors),
            "cache" => set(&mut self.cache, word, value, cache, errors),
            "name" => set(&mut self.name, word, value, text, errors),
            "crate" => set(&mut self.krate, word, value, path, errors),
            _ => {
                let help = match closest(&name) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("the words are {}", list(WORDS)),
                };
                errors.add(word, format!("`{name}` is not a word of `#[client]`"), help);
                false
            }
        };
        if !taken {
            self.faulty.push(closest(&name).map_or(name, ToOwned::to_owned));
        }
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A value without the invisible brackets in which a `macro_rules!` hands on what it was given.
pub(crate) fn bare(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => bare(&group.expr),
        value => value,
    }
}

/// What a value should have been: the tokens that are wrong, and the form to write.
struct Wrong(TokenStream, String);

type Read<T> = Result<T, Wrong>;

fn set<T>(
    slot: &mut Option<Word<T>>,
    word: Ident,
    value: Option<Expr>,
    read: fn(&Ident, Option<Expr>) -> Read<T>,
    errors: &mut Errors,
) -> bool {
    if slot.is_some() {
        errors.add(
            &word,
            format!("`{word}` appears twice"),
            "keep one of the two; a list takes several targets",
        );
        return true;
    }
    match read(&word, value) {
        Ok(value) => *slot = Some(Word { word, value }),
        Err(Wrong(tokens, form)) => {
            errors.add(tokens, format!("the value of `{word}` has the wrong form"), form)
        }
    }
    slot.is_some()
}

fn wrong<T>(word: &Ident, value: Option<Expr>, form: &str) -> Read<T> {
    let tokens = value.map_or_else(|| word.to_token_stream(), |value| value.to_token_stream());
    Err(Wrong(tokens, format!("write `{form}`")))
}

fn flag(word: &Ident, value: Option<Expr>) -> Read<()> {
    match value {
        None => Ok(()),
        value => wrong(word, value, &word.to_string()),
    }
}

fn lit(value: Option<&Expr>) -> Option<&Lit> {
    match value {
        Some(Expr::Lit(ExprLit { lit, .. })) => Some(lit),
        _ => None,
    }
}

fn text(word: &Ident, value: Option<Expr>) -> Read<LitStr> {
    match lit(value.as_ref()) {
        Some(Lit::Str(text)) => Ok(text.clone()),
        _ => wrong(word, value, &format!("{word} = \"…\"")),
    }
}

fn integer(word: &Ident, value: Option<Expr>) -> Read<LitInt> {
    match lit(value.as_ref()) {
        Some(Lit::Int(number)) if number.base10_parse::<u32>().is_ok() => Ok(number.clone()),
        _ => wrong(word, value, &format!("{word} = 1")),
    }
}

fn count(word: &Ident, value: Option<Expr>) -> Read<LitInt> {
    match lit(value.as_ref()) {
        Some(Lit::Int(number)) if number.base10_parse::<u32>().is_ok_and(|number| number > 0) => {
            Ok(number.clone())
        }
        _ => wrong(word, value, &format!("{word} = 8")),
    }
}

fn time(word: &Ident, value: Option<Expr>) -> Read<LitStr> {
    match lit(value.as_ref()) {
        Some(Lit::Str(text)) => Ok(text.clone()),
        _ => wrong(word, value, &format!("{word} = \"5s\"")),
    }
}

fn path(word: &Ident, value: Option<Expr>) -> Read<Path> {
    match value {
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(path.path),
        value => wrong(word, value, &format!("{word} = some::path")),
    }
}

/// The state that holds the sender's secrets, where it is not `Webhook`.
fn webhook(word: &Ident, value: Option<Expr>) -> Read<Option<Path>> {
    match value {
        None => Ok(None),
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(Some(path.path)),
        value => wrong(word, value, "webhook` or `webhook = SomeState"),
    }
}

fn one_target(value: &Expr) -> Option<Target> {
    match bare(value) {
        Expr::Path(path) if path.qself.is_none() => Some(Target::Path(path.path.clone())),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(Target::Text(text.clone())),
        _ => None,
    }
}

fn target(word: &Ident, value: Option<Expr>) -> Read<Target> {
    match value.as_ref().and_then(one_target) {
        Some(target) => Ok(target),
        None => wrong(word, value, &format!("{word} = SomeContext")),
    }
}

fn targets(word: &Ident, value: Option<Expr>) -> Read<Vec<Target>> {
    let form = format!("{word} = SomeContext` or `{word} = [SomeContext, \"other\"]");
    match &value {
        Some(Expr::Array(array)) if !array.elems.is_empty() => array
            .elems
            .iter()
            .map(|element| {
                one_target(element)
                    .ok_or_else(|| Wrong(element.to_token_stream(), format!("write `{form}`")))
            })
            .collect(),
        Some(single) => match one_target(single) {
            Some(target) => Ok(vec![target]),
            None => wrong(word, value, &form),
        },
        None => wrong(word, None, &form),
    }
}

fn texts(word: &Ident, value: Option<Expr>) -> Read<Vec<LitStr>> {
    let elements =
        if word == "rate" { "\"5/min\", \"10/5min by name\"" } else { "\"GET\", \"POST\"" };
    let form = format!("{word} = [{elements}]");
    match &value {
        Some(Expr::Array(array)) if !array.elems.is_empty() => array
            .elems
            .iter()
            .map(|element| match bare(element) {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.clone()),
                other => Err(Wrong(other.to_token_stream(), format!("write `{form}`"))),
            })
            .collect(),
        _ => wrong(word, value, &form),
    }
}

fn rates(word: &Ident, value: Option<Expr>) -> Read<Vec<LitStr>> {
    match value {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Ok(vec![text]),
        Some(Expr::Array(array)) if !array.elems.is_empty() => {
            texts(word, Some(Expr::Array(array)))
        }
        value => wrong(
            word,
            value,
            &format!("{word} = \"5/min\"` or `{word} = [\"5/min\", \"10/5min by name\"]"),
        ),
    }
}

fn single_ident(value: &Expr) -> Option<Ident> {
    match bare(value) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident().cloned(),
        _ => None,
    }
}

fn scope(word: &Ident, value: Option<Expr>) -> Read<Scope> {
    let form = "scope = [user_id]`, `scope = [user_id = id]` or `scope = none";
    match &value {
        Some(Expr::Array(array)) if !array.elems.is_empty() => array
            .elems
            .iter()
            .map(|element| {
                let pair = match bare(element) {
                    Expr::Assign(assign) => {
                        single_ident(&assign.left).zip(single_ident(&assign.right))
                    }
                    other => single_ident(other).map(|name| (name.clone(), name)),
                };
                pair.ok_or_else(|| Wrong(element.to_token_stream(), format!("write `{form}`")))
            })
            .collect(),
        Some(other) if single_ident(other).is_some_and(|name| name == "none") => Ok(Vec::new()),
        _ => wrong(word, value, form),
    }
}

fn auth(word: &Ident, value: Option<Expr>) -> Read<Auth> {
    let form = "auth`, `auth = \"staff\"`, `auth = \"superuser\"` or `auth = predicate";
    match &value {
        None => Ok(Auth::Required),
        Some(Expr::Path(path)) if path.qself.is_none() => Ok(Auth::Predicate(path.path.clone())),
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) if text.value() == "staff" => {
            Ok(Auth::Staff)
        }
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) if text.value() == "superuser" => {
            Ok(Auth::Superuser)
        }
        Some(_) => wrong(word, value, form),
    }
}

fn cache(word: &Ident, value: Option<Expr>) -> Read<Cache> {
    match lit(value.as_ref()) {
        Some(Lit::Bool(flag)) if !flag.value => Ok(Cache::Never),
        Some(Lit::Int(number)) if number.base10_parse::<u32>().is_ok() => {
            Ok(Cache::Seconds(number.clone()))
        }
        _ => wrong(word, value, "cache = 60` (seconds) or `cache = false"),
    }
}

impl Target {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Path(path) => path.span(),
            Self::Text(text) => text.span(),
        }
    }
}
