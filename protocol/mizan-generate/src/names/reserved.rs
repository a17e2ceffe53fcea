//! Words that no declaration of the output may take.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Keywords, names of TypeScript's own types, and globals whose loss would mislead a reader.
const WORDS: &str = "
    abstract accessor any as asserts assert async await bigint boolean break case catch class
    const constructor continue debugger declare default delete do else enum export extends false
    finally for from function get global if implements import in infer instanceof interface
    intrinsic is keyof let module namespace never new null number object of out override package
    private protected prototype public readonly require return satisfies set static string super
    switch symbol this throw true try type typeof undefined unique unknown using var void while
    with yield arguments eval globalThis window self exports process Infinity NaN
    Array ArrayBuffer BigInt Boolean DataView Date Error Exclude Extract Function Generator
    Intl Iterator JSON JSX Map Math NonNullable Number Object Omit Parameters Partial Pick Promise
    Proxy React ReactNode ReadOptions ReadState SuspenseState CallState ListOptions ListState ItemOf Params Readonly Record Reflect RegExp
    Required ReturnType Set String Symbol WeakMap WeakRef WeakSet
";

/// Names that the generated files import, declare for themselves or use as local variables.
const OURS: &str = "
    mizan params options args data value item key props children provider
    createMizan defineCall defineContext idempotent Mizan MizanContext MizanError MizanPlugin MizanProvider
    MizanProviderProps provideMizan provideInstance defineComponent defineList h
    useCall useContextEntry useContextEntrySuspense useList useMember useMemberSuspense useMizan usePrefetch
    GlobalContext
    isText isDigits isNumber isBoolean isList isObject
    CallDefinition ContextDefinition Entry EntryState Status Target Transport
";

static RESERVED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| WORDS.split_whitespace().chain(OURS.split_whitespace()).collect());

/// True where a declaration may not have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(name)
}

/// The name, or the name with an underscore after it if it is reserved.
pub(crate) fn escape_reserved(mut name: String) -> String {
    if is_reserved(&name) {
        name.push('_');
    }
    name
}
