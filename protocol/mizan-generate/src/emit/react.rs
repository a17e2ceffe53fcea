//! The words of React: hooks, which are called in every render, and a provider around the page.

use super::put;
use super::wrappers::Framework;

pub(super) const REACT: Framework = Framework {
    file: "react.tsx",
    package: "@mizan/react",
    provider_imports: |_| ("", &["MizanProvider"]),
    provider,
    params: |params| format!("{params} | undefined"),
    params_type: None,
    no_params: "{}",
    options: str::to_owned,
    suspends: true,
};

const PROVIDER: &str = "\
/** Provides the Mizan instance that the hooks below use. */
export function MizanContext(
  props: Parameters<typeof MizanProvider>[0],
): ReturnType<typeof MizanProvider> {
  return <MizanProvider {...props} />;
}
";

fn provider(out: &mut String, global: Option<&str>) {
    out.push_str("export { useMizan, usePrefetch } from \"@mizan/react\";\n\n");
    let Some(global) = global else {
        out.push_str(PROVIDER);
        return;
    };
    put(
        out,
        format_args!(
            "\
/** Provides the Mizan instance that the hooks below use, and reads the global context. */
export function MizanContext({{
  children,
  ...provider
}}: Parameters<typeof MizanProvider>[0]): ReturnType<typeof MizanProvider> {{
  return (
    <MizanProvider {{...provider}}>
      <GlobalContext />
      {{children}}
    </MizanProvider>
  );
}}

function GlobalContext(): null {{
  useContextEntry({global}, {{}});
  return null;
}}
"
        ),
    );
}
