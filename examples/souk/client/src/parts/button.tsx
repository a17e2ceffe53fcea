import type { ComponentProps, MouseEvent } from "react";

type ButtonProps = ComponentProps<"button"> & { pending?: boolean; look?: "primary" | "quiet" | "plain" };

/** A button that shows its work. While pending it keeps the focus, which `disabled` would lose. */
export function Button({ pending, look = "primary", onClick, ...rest }: ButtonProps) {
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (pending) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      className={`button ${look}`}
      aria-disabled={pending || undefined}
      onClick={press}
    />
  );
}
