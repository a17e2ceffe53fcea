//! The words of Svelte: functions that are called while a component is set up, and take parameters and
//! options as getters.

use super::put;
use super::wrappers::Framework;

pub(super) const SVELTE: Framework = Framework {
    file: "svelte.ts",
    package: "@mizan/svelte",
    provider_imports: |global| {
        if global {
            (
                "import type { Mizan } from \"@mizan/base\";\n",
                &["provideMizan as provideInstance", "type MizanProviderProps"],
            )
        } else {
            ("", &[])
        }
    },
    provider,
    params: |params| format!("Params<{params}>"),
    params_type: Some("type Params"),
    no_params: "() => ({})",
    options: |options| format!("() => {options}"),
    suspends: false,
};

fn provider(out: &mut String, global: Option<&str>) {
    let Some(global) = global else {
        out.push_str("export { provideMizan, useMizan, usePrefetch } from \"@mizan/svelte\";\n");
        return;
    };
    put(
        out,
        format_args!(
            "\
export {{ useMizan, usePrefetch }} from \"@mizan/svelte\";

/**
 * Provides the Mizan instance that the functions below use to this component and those below it,
 * and reads the global context. To be called while the component is set up.
 */
export function provideMizan(props: MizanProviderProps = {{}}): Mizan {{
  const mizan = provideInstance(props);
  useContextEntry({global}, () => ({{}}));
  return mizan;
}}
"
        ),
    );
}
