import { useEffect, useRef, type FormEvent } from "react";
import { useCurrentUser, useSignIn } from "../mizan/react.js";
import { announce } from "../parts/announce.js";
import { Button } from "../parts/button.js";
import { Notice } from "../parts/failure.js";
import { Complaint, Field } from "../parts/field.js";
import { Page } from "../parts/page.js";
import { shown } from "../parts/shown.js";
import { Link, navigate } from "../router.js";
import { isWayBack } from "../way-back.js";

/** Name and password, and back to where one came from. */
export function SignIn({ next }: { next: string | null }) {
  const { data: me } = useCurrentUser();
  const back = next !== null && isWayBack(next) ? next : "/";
  return (
    <Page title="Sign in">
      {me ? (
        <Notice title={`You are signed in as ${me.display_name}`}>
          <Link className="button primary" href={back}>
            Go on
          </Link>
        </Notice>
      ) : (
        <Form onSignedIn={() => navigate(back)} />
      )}
    </Page>
  );
}

function Form({ onSignedIn }: { onSignedIn: () => void }) {
  const { mutate, error, isPending } = useSignIn();
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (!error) return;
    const field = form.current?.querySelector<HTMLElement>("[aria-invalid], [type=password]");
    field?.focus();
  }, [error]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const signedIn = () => {
      announce("You are signed in.");
      onSignedIn();
    };
    mutate({ name: String(entered.get("name")), password: String(entered.get("password")) }).then(
      signedIn,
      shown,
    );
  };
  return (
    <form className="sign-in" ref={form} onSubmit={submit} noValidate>
      <Field label="Name" name="name" error={error} autoComplete="username" autoCapitalize="none" autoFocus />
      <Field label="Password" name="password" type="password" error={error} autoComplete="current-password" />
      <Complaint error={error} />
      <Button type="submit" pending={isPending}>
        Sign in
      </Button>
    </form>
  );
}
