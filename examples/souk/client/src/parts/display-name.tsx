import { draft } from "@mizan/base";
import { useState, type FormEvent, type KeyboardEvent } from "react";
import { globalContext, profileContext } from "../mizan/index.js";
import { useSetDisplayName } from "../mizan/react.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";
import { Complaint, Field } from "./field.js";

/** What a new name changes: the profile, and the head of the page. */
const shows = (user_id: number, display_name: string) => [
  draft(profileContext, { user_id }, { profile_display_name: () => ({ display_name }) }),
  draft(globalContext, {}, { current_user: (me) => me && { ...me, display_name } }),
];

/** A name that is edited in its place. It shows at once; if the market refuses it, the editor is open again. */
export function DisplayName({ userId, name }: { userId: number; name: string }) {
  const [stage, setStage] = useState<"resting" | "editing" | "closed">("resting");
  const [entered, setEntered] = useState<string>();
  const call = useSetDisplayName();

  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const display_name = String(new FormData(event.currentTarget).get("display_name"));
    setEntered(display_name);
    setStage("closed");
    call
      .mutate({ user_id: userId, display_name }, { optimistic: shows(userId, display_name.trim()) })
      .then(saved, () => setStage("editing"));
  };
  const saved = () => {
    setEntered(undefined);
    announce("Your display name is saved.");
  };
  const close = () => {
    call.reset();
    setEntered(undefined);
    setStage("closed");
  };

  if (stage !== "editing") {
    return (
      <p className="display-name">
        <span>{name}</span>
        <Button look="quiet" autoFocus={stage === "closed"} onClick={() => setStage("editing")}>
          Change<span className="unseen"> display name</span>
        </Button>
      </p>
    );
  }
  const onKeyDown = (event: KeyboardEvent) => event.key === "Escape" && close();
  return (
    <form className="inline" onSubmit={save} onKeyDown={onKeyDown} noValidate>
      <Field
        label="Display name"
        name="display_name"
        defaultValue={entered ?? name}
        error={call.error}
        autoComplete="nickname"
        autoFocus
      />
      <Button type="submit" pending={call.isPending}>
        Save
      </Button>
      <Button look="quiet" onClick={close}>
        Cancel
      </Button>
      <Complaint error={call.error} />
    </form>
  );
}
