import { useId, type ComponentProps } from "react";
import type { SoukError } from "../mizan/index.js";
import { useSignedOut } from "./use-signed-out.js";
import { wordsOfCall } from "./words.js";

type FieldProps = ComponentProps<"input"> & {
  label: string;
  /** Name of the argument, and so of the messages about it. */
  name: string;
  hint?: string;
  error: SoukError | undefined;
  lines?: number;
  /** As wide as the form. */
  broad?: boolean;
};

/** A labelled input, with the server's messages about its argument next to it. */
export function Field({ label, name, hint, error, lines, broad, ...rest }: FieldProps) {
  const id = useId();
  const messages = error?.fields[name];
  const described = [hint && `${id}-hint`, messages && `${id}-error`].filter(Boolean).join(" ");
  const shared = {
    id,
    name,
    "aria-invalid": messages ? true : undefined,
    "aria-describedby": described || undefined,
  };
  return (
    <div className={broad ? "field broad" : "field"}>
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {lines ? (
        <textarea {...shared} rows={lines} defaultValue={rest.defaultValue} />
      ) : (
        <input {...shared} {...rest} />
      )}
      {messages && (
        <p className="complaint" id={`${id}-error`}>
          {messages.join(" ")}
        </p>
      )}
    </div>
  );
}

/** Why a call failed, where no field is to blame. */
export function Complaint({ error }: { error: SoukError | undefined }) {
  useSignedOut(error);
  if (!error || Object.keys(error.fields).length > 0) return null;
  return (
    <p className="complaint" role="alert">
      {wordsOfCall(error)}
    </p>
  );
}
