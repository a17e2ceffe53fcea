//! The page, part by part.

use super::{cell, code, row, rust, table, typescript};
use crate::Result;

/// Reads a file of the repository.
type Read<'r> = &'r dyn Fn(&str) -> Result<String>;

const MACROS: &str = "cores/mizan-macros/src/lib.rs";
const WORDS: &str = "cores/mizan-macros/src/keyword.rs";
const BUILDER: [&str; 5] = ["mod", "http", "accounts", "rates", "cli"];
const SERVER: &str = "backends/mizan-actix/src/serve/mod.rs";
const VARIABLES: &str = "docs/deploy.md";
const GENERATOR: &str = "protocol/mizan-generate/src/args.rs";
const KERNEL: &str = "frontends/mizan-base/src";
const HOOKS: &str = "frontends/mizan-react/src";

const INTRODUCTION: &str = "\
<!-- Written by `cargo xtask reference` from the sources: edit the doc comments there. -->

# Reference

Every word of `#[client]`, every method of the builder and the server, every environment variable, and every hook and option of
the client, each with its type, its default and an example. The sources have the long texts:
[`mizan-core`](../cores/mizan-core), [`@mizan/base`](../frontends/mizan-base/README.md),
[`@mizan/react`](../frontends/mizan-react/README.md). The functions for Vue and Svelte have the same names; [frontends.md](frontends.md) has
what differs.

| question | see |
| --- | --- |
| How do I show every error of a call, not only those of fields? | [errors.md](errors.md#in-the-page) |
| How do I clear a form after success? | there, by the promise of `mutate` |
| What does the page see when its session is lost? | there: a 401, and no data |
| When do the changes of other users arrive? | there: when the user comes back to the page |
| How does `mizan_core::Error` pass `?` in `main`? | [errors.md](errors.md#use-your-own-error-type) |
| How do I test? | [testing.md](testing.md) |
";

/// What the examples of the builder use.
const SETTINGS: &str = "\
use std::time::Duration;

use mizan_core::{
    Authenticator, Builder, CachePolicy, Cors, Function, KeyRing, Limits, MemoryCache, MemorySessions, Mizan, RedisRates,
    Secret, TokenPolicy, UserStore, client,
};

struct Db;

impl Db {
    fn open() -> Self {
        Self
    }
}

#[client]
fn hello() -> String {
    \"hello\".into()
}

fn every_setting(
    function: Function,
    users: impl UserStore,
    authenticator: impl Authenticator,
    (old, new, edge): (Secret, Secret, Secret),
) -> Result<Builder, Box<dyn std::error::Error>> {
    Ok(Mizan::builder()
";

pub(super) fn page(read: Read<'_>) -> Result<String> {
    let parts = [
        INTRODUCTION.to_owned(),
        client(read)?,
        builder(read)?,
        server(read)?,
        variables(read)?,
        generator(read)?,
    ];
    Ok(parts.join("\n") + "\n" + &hooks(read)? + "\n" + &kernel(read)?)
}

/// The words of the attribute, each of those that the macro takes.
fn client(read: Read<'_>) -> Result<String> {
    let source = read(MACROS)?;
    let rows = rust::documented(MACROS, &source, "word")?;
    let text = read(WORDS)?;
    let list = text.split("WORDS: &[&str] = &[").nth(1).and_then(|rest| rest.split(']').next());
    let known: Vec<&str> = list.unwrap_or_default().split('"').skip(1).step_by(2).collect();
    let named: Vec<&str> = rows.iter().skip(2).map(|row| rust::name(row)).collect();
    if known.is_empty() || known != named {
        return Err(format!(
            "{MACROS}: the table has the words {named:?}, and the macro takes {known:?}"
        ));
    }
    let arguments = rust::documented(MACROS, &source, "on an argument")?;
    Ok(format!(
        "## `#[client]`\n\nThe words go into the attribute, with commas: `#[client(affects = UserContext, auth)]`.\n\n{}\n\
         \n### Arguments of a function\n\n{}\n\n### `#[derive(Context)]`\n\nThe wire name of a context is the name of its type \
         in snake case without `Context`. `#[context(name = \"people\")]` on the type sets another one.\n\n### `#[derive(EachKey)]`\n\n\
         A key of several parameters, for `Each<T>` ([caching.md](caching.md#one-query-for-many-entries)). Each field of the struct is a \
         parameter of its name; `Option<T>` may be left out. `#[each_key(crate = path)]` says where `mizan_core` is found.\n",
        rows.join("\n"),
        arguments.join("\n"),
    ))
}

/// The settings of the builder, and one program that has all of them.
fn builder(read: Read<'_>) -> Result<String> {
    let mut page = "## The builder\n\n`Mizan::builder()` knows every function that is linked into the program. `build()` checks \
                    everything at once.\n\n"
        .to_owned();
    page.push_str(&table(&["method", "default", "example", "meaning"]));
    let mut program = SETTINGS.to_owned();
    for file in BUILDER {
        let path = format!("cores/mizan-core/src/builder/{file}.rs");
        for method in rust::methods(&path, &read(&path)?, "Builder")? {
            page.push_str(&method.row("Builder::"));
            if method.sets {
                program.push_str(&format!("        {}\n", method.example));
            }
        }
    }
    program.truncate(program.trim_end().len());
    page.push_str(&format!(
        "\nAll of them in one program, of which you need a few. `build()` refuses `.users(…)` next to `.authenticator(…)`. This \
         compiles with the feature `redis`:\n\n```rust,no_run\n{program})\n}}\n```\n"
    ));
    Ok(page)
}

fn server(read: Read<'_>) -> Result<String> {
    let mut page = "## The server\n\n`mizan_actix::run(mizan, address)` and `mizan_axum::run(mizan, address)` serve with the defaults. `Server` has the \
         same settings in both.\n\n".to_owned();
    page.push_str(&table(&["method", "default", "example", "meaning"]));
    let source = read(SERVER)?;
    let methods = rust::methods(SERVER, &source, "Server")?;
    methods
        .iter()
        .filter(|method| method.sets || method.name == "new")
        .for_each(|method| page.push_str(&method.row("Server::")));
    Ok(page)
}

/// The table of the page about deployment, in which tidy finds every variable that is read.
fn variables(read: Read<'_>) -> Result<String> {
    let rows = rust::documented(VARIABLES, &read(VARIABLES)?, "variable, builder")?;
    Ok(format!(
        "## Environment variables\n\nThe builder replaces the environment. [`deploy.md`](deploy.md#every-setting) explains \
         them.\n\n{}\n\nThe npm package of the generator reads `MIZAN_GENERATE_BIN`: the path of the program to run, by default \
         the one in the package of the platform. Example: `MIZAN_GENERATE_BIN=/usr/local/bin/mizan-generate npx mizan-generate`.\n",
        rows.join("\n"),
    ))
}

fn generator(read: Read<'_>) -> Result<String> {
    let mut page = "## `mizan-generate`\n\nRun it as `mizan-generate`, or as `npx mizan-generate`. The README of \
                    [`mizan-generate`](../protocol/mizan-generate/README.md) has the file `mizan.toml`.\n\n"
        .to_owned();
    page.push_str(&table(&["option", "type", "default", "example", "meaning"]));
    for [option, kind, default, meaning] in rust::options(&read(GENERATOR)?) {
        let (name, value) = option.split_once(' ').unwrap_or((&option, ""));
        let value = if value.is_empty() { "" } else { " client/mizan.toml" };
        let example = format!("mizan-generate {name}{value}");
        page.push_str(&row(&[code(&option), kind, cell(&default), code(&example), cell(&meaning)]));
    }
    Ok(page)
}

fn hooks(read: Read<'_>) -> Result<String> {
    let file = |name: &str| {
        let path = format!("{HOOKS}/{name}.ts");
        read(&path).map(|text| (path, text))
    };
    let mut page = "## Hooks\n\nThe generator writes a hook for each function over these, with its types: `useUserProfile(params)` for a \
                    read, `useUserContext(params)` for a whole context, `useRename()` for a call, and `<MizanContext>`, which \
                    has the properties of `<MizanProvider>`. Put it around your page once.\n\n```tsx\nconst { data: profile, \
                    isLoading, error } = useUserProfile({ user_id: 5 });\nconst { mutate, isPending } = useRename();\n```\n\n"
        .to_owned();
    page.push_str(&table(&["hook", "example", "meaning"]));
    for (name, hook) in [
        ("read", "useMember"),
        ("read", "useContextEntry"),
        ("list", "useList"),
        ("call", "useCall"),
        ("prefetch", "usePrefetch"),
        ("suspense", "useMemberSuspense"),
        ("suspense", "useContextEntrySuspense"),
        ("provider", "useMizan"),
        ("provider", "MizanProvider"),
    ] {
        let (path, text) = file(name)?;
        page.push_str(&typescript::function(&path, &text, hook)?.method("hooks")?);
    }
    page.push_str("\n### Options of a reading hook\n\n");
    page.push_str(&settings(&file("read")?, "ReadOptions")?);
    page.push_str("\n### What a reading hook returns\n\n");
    page.push_str(&properties(&file("read")?, "ReadState")?);
    page.push_str("\n### What the hook of a list returns\n\n");
    page.push_str(&properties(&file("list")?, "ListState")?);
    page.push_str("\n### What a calling hook returns\n\n");
    page.push_str(&properties(&file("call")?, "CallState")?);
    page.push_str("\n### Properties of `<MizanProvider>` and `<MizanContext>`\n\n");
    page.push_str(&settings(&file("provider")?, "MizanProviderProps")?);
    Ok(page)
}

fn kernel(read: Read<'_>) -> Result<String> {
    let file = |name: &str| {
        let path = format!("{KERNEL}/{name}.ts");
        read(&path).map(|text| (path, text))
    };
    let types = file("types")?;
    let (path, text) = file("client")?;
    let create = typescript::function(&path, &text, "createMizan")?;
    let mut page = format!(
        "## The client without hooks\n\n{} For example `{}`.\n\n### Options of `createMizan`\n\n",
        create.meaning,
        create.example.as_deref().unwrap_or_default(),
    );
    page.push_str(&settings(&types, "MizanOptions")?);
    page.push_str("\n### Methods of the instance\n\n");
    page.push_str(&table(&["method", "example", "meaning"]));
    for method in typescript::members(&types.0, &types.1, "Mizan")? {
        page.push_str(&method.method("Mizan")?);
    }
    for (name, function) in
        [("call", "signOut"), ("list", "loadMore"), ("events", "subscribeToEvents")]
    {
        let (path, text) = file(name)?;
        page.push_str(&typescript::function(&path, &text, function)?.method("functions")?);
    }
    page.push_str("\n### An entry\n\n");
    page.push_str(&properties(&types, "Entry")?);
    page.push_str("\n### Its state\n\n");
    page.push_str(&properties(&types, "EntryState")?);
    page.push_str("\n### `MizanError`\n\n");
    page.push_str(&properties(&file("error")?, "MizanError")?);
    Ok(page)
}

fn settings((path, text): &(String, String), of: &str) -> Result<String> {
    let mut page = table(&["option", "type", "default", "example", "meaning"]);
    for item in typescript::members(path, text, of)? {
        page.push_str(&item.setting(of)?);
    }
    Ok(page)
}

fn properties((path, text): &(String, String), of: &str) -> Result<String> {
    let mut page = table(&["name", "type", "meaning"]);
    for item in typescript::members(path, text, of)? {
        page.push_str(&item.property(of)?);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::{MACROS, WORDS, client};
    use crate::Result;

    fn page(words: &str) -> Result<String> {
        let macros = "/// | word | value |\n/// | --- | --- |\n/// | `a` | x |\n/// | `b` | y |\n///\n\
                      /// | on an argument | value |\n/// | --- | --- |\n/// | `#[c]` | z |\n";
        client(&|path| match path {
            MACROS => Ok(macros.into()),
            WORDS => Ok(format!("const WORDS: &[&str] = &[{words}];")),
            other => Err(format!("{other} is not asked for")),
        })
    }

    #[test]
    fn every_word_of_the_macro_has_a_row() {
        let page = page("\"a\", \"b\"").unwrap();
        assert!(page.contains("| `b` | y |\n") && page.contains("| `#[c]` | z |\n"), "{page}");
    }

    #[test]
    fn a_word_that_is_new_or_gone_is_a_fault() {
        for words in ["\"a\", \"b\", \"c\"", "\"a\"", ""] {
            assert!(page(words).unwrap_err().contains("the table has the words"), "{words}");
        }
    }
}
