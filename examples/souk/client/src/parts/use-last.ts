import { useState } from "react";

/** The last value that was there, so that another filter keeps the former list until its own has come. */
export function useLast<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState(value);
  if (value !== undefined && value !== last) setLast(value);
  return value ?? last;
}
