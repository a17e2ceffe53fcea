import { useState, type FormEvent, type KeyboardEvent } from "react";
import { useSetDisplayName } from "../mizan/react.js";
import { announce } from "./announce.js";
import { Button } from "./button.js";
import { Complaint, Field } from "./field.js";
import { shown } from "./shown.js";

interface DisplayNameProps {
  userId: number;
  name: string;
  /** The name is being read. */
  isFetching: boolean;
}

/** A name that is edited where it stands. */
export function DisplayName({ userId, name, isFetching }: DisplayNameProps) {
  const [stage, setStage] = useState<"resting" | "editing" | "saved" | "closed">("resting");
  const call = useSetDisplayName();

  // The editor closes when the new name has come, so that the old one does not show between.
  if (stage === "saved" && !isFetching) setStage("closed");

  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget).get("display_name");
    const saved = () => {
      setStage("saved");
      announce("Your display name is saved.");
    };
    call.mutate({ user_id: userId, display_name: String(entered) }).then(saved, shown);
  };
  const close = () => {
    call.reset();
    setStage("closed");
  };

  if (stage === "resting" || stage === "closed") {
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
        defaultValue={name}
        error={call.error}
        autoComplete="nickname"
        autoFocus
      />
      <Button type="submit" pending={call.isPending || stage === "saved"}>
        Save
      </Button>
      <Button look="quiet" onClick={close}>
        Cancel
      </Button>
      <Complaint error={call.error} />
    </form>
  );
}
