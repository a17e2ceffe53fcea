import { useId, useState } from "react";

interface QuantityProps {
  label: string;
  /** What the server says. */
  quantity: number;
  messages: readonly string[] | undefined;
  pending: boolean;
  onChange: (quantity: number) => void;
}

/** A number that is sent when it is stepped, or when its field is left. */
export function Quantity({ label, quantity, messages, pending, onChange }: QuantityProps) {
  const id = useId();
  // What was typed stays until the server says the same; so no old number shows between.
  const [draft, setDraft] = useState<string>();
  if (draft === String(quantity)) setDraft(undefined);
  const shown = draft ?? String(quantity);

  const send = (next: number) => {
    if (pending || !Number.isInteger(next) || next < 0) return;
    setDraft(String(next));
    if (next !== quantity) onChange(next);
  };
  return (
    <div className="quantity" role="group" aria-label={label}>
      <button type="button" aria-label="One less" aria-disabled={pending} onClick={() => send(Number(shown) - 1)}>
        −
      </button>
      <input
        aria-label={label}
        aria-invalid={messages ? true : undefined}
        aria-describedby={messages ? `${id}-error` : undefined}
        inputMode="numeric"
        value={shown}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => shown === "" ? setDraft(undefined) : send(Number(shown))}
        onKeyDown={(event) => event.key === "Enter" && send(Number(shown))}
      />
      <button type="button" aria-label="One more" aria-disabled={pending} onClick={() => send(Number(shown) + 1)}>
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
