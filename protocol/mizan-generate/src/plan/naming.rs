//! Who is called what. Names are given in sorted order: contexts, functions, types, decoders.
//!
//! A name that is taken gets a number, and all names of one function get the same one. The order
//! makes the API of functions the steadiest: a type steps aside for a function, never the reverse.

use mizan_schema::{Document, Function, Kind};

use crate::names::{Owner, Scope, camel, escape_reserved, is_reserved, pascal, type_name};

/// Device names of Windows, which cannot be file names there.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Gives out names and remembers what to tell about them.
#[derive(Debug, Default)]
pub(super) struct Naming<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) warnings: Vec<String>,
}

pub(super) struct ContextNames {
    pub(super) definition: String,
    pub(super) fetch: String,
    pub(super) read: ReadNames,
    pub(super) params_type: String,
    pub(super) data_type: String,
}

/// The names of what reads in a framework.
#[derive(Debug, Clone)]
pub(crate) struct ReadNames {
    pub(crate) hook: String,
    /// The one that suspends until there is data. Only React has it; its name is taken for every target,
    /// so that all of them have the same names.
    pub(crate) suspense: String,
}

pub(super) struct CallNames {
    pub(super) definition: String,
    pub(super) call: String,
    pub(super) hook: String,
    pub(super) args_type: String,
    pub(super) result_type: String,
}

impl<'a> Naming<'a> {
    pub(super) fn context(&mut self, wire: &'a str) -> ContextNames {
        let stem = camel(wire) + "Context";
        let [definition, fetch, hook, suspense, params_type, data_type] =
            self.take(Owner::Context(wire), &stem, |stem| {
                let upper = upper(stem);
                [
                    stem.to_owned(),
                    format!("fetch{upper}"),
                    format!("use{upper}"),
                    format!("use{upper}Suspense"),
                    format!("{upper}Params"),
                    format!("{upper}Data"),
                ]
            });
        let read = ReadNames { hook, suspense };
        ContextNames { definition, fetch, read, params_type, data_type }
    }

    pub(super) fn member(&mut self, wire: &'a str) -> ReadNames {
        let [hook, suspense] = self.take(Owner::Function(wire), &pascal(wire), |stem| {
            [format!("use{stem}"), format!("use{stem}Suspense")]
        });
        ReadNames { hook, suspense }
    }

    pub(super) fn call(&mut self, wire: &'a str) -> CallNames {
        let [definition, call, hook, args_type, result_type] =
            self.take(Owner::Function(wire), &camel(wire), |stem| {
                let upper = upper(stem);
                [
                    escape_reserved(stem.to_owned()),
                    format!("call{upper}"),
                    format!("use{upper}"),
                    format!("{upper}Args"),
                    format!("{upper}Result"),
                ]
            });
        CallNames { definition, call, hook, args_type, result_type }
    }

    /// Names of all types: those that can keep theirs do so before the others choose.
    pub(super) fn types(&mut self, document: &'a Document) -> Vec<String> {
        let mut idents: Vec<Option<String>> = Vec::with_capacity(document.defs.len());
        for name in document.defs.keys() {
            let free =
                type_name(name) == *name && !is_reserved(name) && self.scope.owner(name).is_none();
            idents.push(free.then(|| self.plain(Owner::Type(name), name)));
        }
        let rest = document.defs.keys().zip(idents);
        rest.map(|(name, ident)| {
            ident.unwrap_or_else(|| {
                let wanted = type_name(name);
                let reserved = is_reserved(&wanted).then(|| self.belongs(&wanted)).flatten();
                let ident = self.plain(Owner::Type(name), &escape_reserved(wanted));
                if let Some(why) = reserved {
                    self.warn(Owner::Type(name), &ident, &why);
                }
                ident
            })
        })
        .collect()
    }

    pub(super) fn decoder(&mut self, definition: &'a str, type_ident: &str) -> String {
        self.plain(Owner::Decoder(definition), &format!("decode{type_ident}"))
    }

    fn plain(&mut self, owner: Owner<'a>, stem: &str) -> String {
        let [ident] = self.take(owner, stem, |stem| [stem.to_owned()]);
        ident
    }

    fn take<const N: usize>(
        &mut self,
        owner: Owner<'a>,
        stem: &str,
        derive: impl Fn(&str) -> [String; N],
    ) -> [String; N] {
        let wanted = derive(stem);
        let warning = wanted.iter().find_map(|name| self.belongs(name));
        let names = self.scope.take(owner, stem, derive);
        if let (Some(why), [first, ..]) = (warning, names.as_slice()) {
            self.warn(owner, first, &why);
        }
        names
    }

    fn belongs(&self, name: &str) -> Option<String> {
        match self.scope.owner(name) {
            Some(owner) => Some(format!("`{name}` belongs to {owner}")),
            None if is_reserved(name) => Some(format!("`{name}` is taken by JavaScript or Mizan")),
            None => None,
        }
    }

    fn warn(&mut self, owner: Owner<'a>, ident: &str, why: &str) {
        self.warnings.push(format!("{owner} is `{ident}` in TypeScript, because {why}"));
    }
}

/// True for a function that the client can use: not a page, not one for the WebSocket alone.
pub(super) fn is_call(function: &Function) -> bool {
    function.kind == Kind::Call && !function.view && !function.websocket
}

/// The file name of a context, legal everywhere and unique, since no wire name holds a dash.
pub(super) fn file_name(wire: &str) -> String {
    let numbered = wire.len() == 4
        && (wire.starts_with("com") || wire.starts_with("lpt"))
        && wire.ends_with(|last: char| last.is_ascii_digit());
    if numbered || DEVICES.contains(&wire) { format!("{wire}-context") } else { wire.to_owned() }
}

/// The name of the configuration where it can be in a comment, else the usual one.
pub(super) fn config_name(name: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.is_empty() && name.bytes().all(plain) { name } else { "mizan.toml" }
}

fn upper(stem: &str) -> String {
    let mut result = stem.to_owned();
    if let Some(first) = result.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    result
}
