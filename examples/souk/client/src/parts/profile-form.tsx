import { useEffect, useRef, type FormEvent } from "react";
import type { ProfileDetails } from "../mizan/index.js";
import { useSaveProfile } from "../mizan/react.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";
import { Complaint, Field } from "./field.js";
import { shown } from "./shown.js";

const BIO_HINT = "Up to 400 characters.";

/**
 * One call saves it all. Nothing here says who else shows the name: the header, the stall's card,
 * its page and the orders are read again because the server says that they changed.
 */
export function ProfileForm({ details, stallId }: { details: ProfileDetails; stallId: number | null }) {
  const { mutate, error, isPending } = useSaveProfile();
  const { name, city, email, bio } = details;
  const form = useRef<HTMLFormElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus moves when a call fails
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [error]);

  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const text = (name: string) => String(entered.get(name));
    mutate({
      user_id: details.id,
      stall_id: stallId,
      name: text("name"),
      city: text("city"),
      bio: text("bio"),
      email: text("email"),
    }).then(() => announce("Your profile is saved."), shown);
  };
  // `noValidate`: the rules are the server's, and so are the words.
  return (
    <form ref={form} onSubmit={save} noValidate>
      <Field label="Name" name="name" defaultValue={name} error={error} autoComplete="name" />
      <Field label="City" name="city" defaultValue={city} error={error} autoComplete="address-level2" />
      <Field
        label="E-mail"
        name="email"
        broad
        type="email"
        defaultValue={email}
        error={error}
        autoComplete="email"
      />
      <Field label="About you" name="bio" broad lines={4} defaultValue={bio} error={error} hint={BIO_HINT} />
      <Button type="submit" pending={isPending}>
        Save profile
      </Button>
      <Complaint error={error} />
    </form>
  );
}
