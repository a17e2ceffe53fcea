//! A case of the suite: a name, the paragraph that it proves, what it needs, and what it does.

use std::panic;

use crate::backend::Backend;

/// What a case needs that a machine or a backend may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A `redis-server` on the path.
    Redis,
    /// Half a minute.
    HalfAMinute,
    /// A Linux, whose `/proc` is read.
    Linux,
    /// Mostly patience: it waits while others run.
    Patience,
    /// A backend on the Rust core: its command line, or its records of panics.
    RustCore,
}

impl Needs {
    /// Why `cargo test` leaves a case out unless it is asked for.
    pub fn is_ignored(self) -> Option<&'static str> {
        match self {
            Self::Redis => Some("needs redis-server: cargo xtask test"),
            Self::HalfAMinute => Some("takes half a minute: cargo xtask test"),
            Self::Linux | Self::Patience | Self::RustCore => None,
        }
    }
}

/// A named case.
#[derive(Clone, Copy)]
pub struct Case {
    /// What it is about: a row of the table in `docs/conformance.md`.
    pub group: &'static str,
    /// The module that holds it.
    pub module: &'static str,
    /// What it promises.
    pub title: &'static str,
    /// The paragraph that it proves: a file and an anchor.
    pub paragraph: &'static str,
    /// What it needs.
    pub needs: &'static [Needs],
    /// Runs it. It fails by a panic.
    pub run: fn(&Backend),
}

impl Case {
    /// Its name: where it is, and what it promises.
    pub fn name(&self) -> String {
        let module = self.module.split_once("::").map_or("", |(_, path)| path);
        let module = module.strip_prefix("suite::").unwrap_or(module);
        format!("{module}::{}", self.title)
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// The payload of a panic that ends a case without a verdict.
#[derive(Debug)]
pub(crate) struct Skipped(pub(crate) String);

/// Ends the case: this backend cannot be judged by it.
#[expect(clippy::panic, reason = "a case ends by a panic")]
pub(crate) fn skip(reason: &str) -> ! {
    panic::panic_any(Skipped(reason.to_owned()))
}

/// The list of cases of a module: a group, the paragraph, what is needed, and functions that take a
/// [`Backend`]. With `InBothStores` they take a `Store` as well, and are two cases each.
macro_rules! cases {
    (@both $cases:ident $group:literal $paragraph:ident $($name:ident)*) => {$(
        $cases.push($crate::case::Case {
            group: $group,
            module: module_path!(),
            title: concat!(stringify!($name), "::in_memory"),
            paragraph: $crate::paragraphs::$paragraph,
            needs: &[],
            run: |backend| $name(backend, Store::Memory),
        });
        $cases.push($crate::case::Case {
            group: $group,
            module: module_path!(),
            title: concat!(stringify!($name), "::in_redis"),
            paragraph: $crate::paragraphs::$paragraph,
            needs: &[$crate::case::Needs::Redis],
            run: |backend| $name(backend, Store::Redis),
        });
    )*};
    (@list $cases:ident) => {};
    (@list $cases:ident $group:literal, $paragraph:ident, InBothStores => $($name:ident)*; $($rest:tt)*) => {
        cases!(@both $cases $group $paragraph $($name)*);
        cases!(@list $cases $($rest)*);
    };
    (@list $cases:ident $group:literal, $paragraph:ident, $($need:ident)+ => $($name:ident)*; $($rest:tt)*) => {
        cases!(@needing $cases $group $paragraph [$($crate::case::Needs::$need),+] $($name)*);
        cases!(@list $cases $($rest)*);
    };
    (@needing $cases:ident $group:literal $paragraph:ident $needs:tt $($name:ident)*) => {
        $($cases.push($crate::case::Case {
            group: $group,
            module: module_path!(),
            title: stringify!($name),
            paragraph: $crate::paragraphs::$paragraph,
            needs: &$needs,
            run: $name,
        });)*
    };
    (@list $cases:ident $group:literal, $paragraph:ident => $($name:ident)*; $($rest:tt)*) => {
        cases!(@needing $cases $group $paragraph [] $($name)*);
        cases!(@list $cases $($rest)*);
    };
    ($($all:tt)*) => {
        pub(crate) fn cases(cases: &mut Vec<$crate::case::Case>) {
            cases!(@list cases $($all)*);
        }
    };
}
pub(crate) use cases;

/// Prints a figure of a case, if they are asked for.
macro_rules! note {
    ($($text:tt)*) => { $crate::case::print_note(&format!($($text)*)) };
}
pub(crate) use note;

/// Prints a line if `MIZAN_CONFORMANCE_NOTES` is set.
pub(crate) fn print_note(text: &str) {
    if std::env::var_os("MIZAN_CONFORMANCE_NOTES").is_some() {
        println!("{text}");
    }
}

/// Every case, in the order of the modules.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    crate::suite::cases(&mut cases);
    crate::cache::cases(&mut cases);
    crate::identity::cases(&mut cases);
    crate::lists::cases(&mut cases);
    cases
}
