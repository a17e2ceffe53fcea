import { useId, useState } from "react";
import { useInTurn } from "./use-in-turn.js";

interface QuantityProps {
  label: string;
  /** What the server says. */
  quantity: number;
  messages: readonly string[] | undefined;
  isPending: boolean;
  onChange: (quantity: number) => void;
}

/** A number that is sent when it is stepped, or when its field is left. */
export function Quantity({ label, quantity, messages, isPending, onChange }: QuantityProps) {
  const id = useId();
  const send = useInTurn(quantity, isPending, onChange);
  // What was entered stays until the server says the same, so that no old number shows between.
  const [draft, setDraft] = useState<string>();
  if (draft === String(quantity) && !isPending) setDraft(undefined);
  const shown = draft ?? String(quantity);

  const enter = (text: string) => {
    if (!/^\d+$/.test(text)) return setDraft(undefined);
    setDraft(text);
    send(Number(text));
  };
  const step = (by: number) => enter(String(Math.max(0, Number(shown) + by)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset needs a legend that is seen
    <div className="quantity" role="group" aria-label={label} aria-busy={isPending}>
      <button type="button" aria-label="One less" onClick={() => step(-1)}>
        −
      </button>
      <input
        aria-label={label}
        aria-invalid={messages ? true : undefined}
        aria-describedby={messages ? `${id}-error` : undefined}
        inputMode="numeric"
        value={shown}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => draft !== undefined && enter(draft)}
        onKeyDown={(event) => event.key === "Enter" && enter(shown)}
      />
      <button type="button" aria-label="One more" onClick={() => step(1)}>
        +
      </button>
      {messages && (
        <p className="complaint" role="alert" id={`${id}-error`}>
          {messages.join(" ")}
        </p>
      )}
    </div>
  );
}
