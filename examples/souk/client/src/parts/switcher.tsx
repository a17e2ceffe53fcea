import { type Person, usePeopleList } from "../mizan/index.js";
import { useRetry } from "./retry.js";

interface SwitcherProps {
  userId: number | undefined;
  /** The page was made anew for another user, by this very control. */
  focused: boolean;
  onChange: (id: number | undefined) => void;
}

/** Chooses who is shopping, while there is no sign-in. */
export function Switcher({ userId, focused, onChange }: SwitcherProps) {
  const people = usePeopleList();
  useRetry(people);
  const choose = (value: string) => onChange(value ? Number(value) : undefined);
  return (
    <aside className="switcher" aria-label="Development switcher">
      <p>
        <strong>Development switcher</strong> <span>This is not a login.</span>
      </p>
      <label>
        Shop as{" "}
        <select autoFocus={focused} value={userId ?? ""} onChange={(event) => choose(event.target.value)}>
          <option value="">Nobody</option>
          {people.data ? <People people={people.data} /> : userId && <option value={userId}>…</option>}
        </select>
      </label>
    </aside>
  );
}

function People({ people }: { people: readonly Person[] }) {
  return (
    <>
      <Group label="Keepers" people={people.filter((person) => person.stall_id !== null)} />
      <Group label="Buyers" people={people.filter((person) => person.stall_id === null)} />
    </>
  );
}

function Group({ label, people }: { label: string; people: readonly Person[] }) {
  return (
    <optgroup label={label}>
      {people.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}
