//! The words of Vue: composables, which are called in setup and take parameters as values, refs or getters.

use super::put;
use super::wrappers::Framework;

pub(super) const VUE: Framework = Framework {
    file: "vue.ts",
    package: "@mizan/vue",
    provider_imports: |global| {
        if global {
            (
                "import { defineComponent, h } from \"vue\";\n",
                &["MizanProvider", "type MizanProviderProps"],
            )
        } else {
            ("", &[])
        }
    },
    provider,
    params: |params| format!("Params<{params}>"),
    params_type: Some("type Params"),
    no_params: "{}",
    options: str::to_owned,
    suspends: false,
};

fn provider(out: &mut String, global: Option<&str>) {
    let Some(global) = global else {
        out.push_str(
            "export {\n  MizanProvider as MizanContext,\n  useMizan,\n  usePrefetch,\n} from \"@mizan/vue\";\n",
        );
        return;
    };
    put(
        out,
        format_args!(
            "\
export {{ useMizan, usePrefetch }} from \"@mizan/vue\";

/**
 * Provides the Mizan instance that the composables below use to the components in its slot,
 * and reads the global context.
 */
export const MizanContext = /* @__PURE__ */ defineComponent(
  (props: MizanProviderProps, {{ slots }}) =>
    () =>
      h(MizanProvider, props, () => [h(GlobalContext), slots[\"default\"]?.()]),
  {{ props: [\"client\", \"baseUrl\", \"onError\"] }},
);

const GlobalContext = /* @__PURE__ */ defineComponent(() => {{
  useContextEntry({global}, {{}});
  return () => null;
}});
"
        ),
    );
}
