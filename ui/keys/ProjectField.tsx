import { useEffect, useState } from "preact/hooks";
import type { Project } from "../api.ts";
import { Field } from "../components/Field.tsx";
import { ApiError } from "../request.ts";
import * as own from "../strings/keys.ts";
import { findProjects } from "./keys-api.ts";

const TYPING_MS = 250;

interface Props {
  value: string;
  error: string | null;
  onInput: (value: string) => void;
}

/** A project's name or id, with those to choose from that fit what is typed. */
export function ProjectField({ value, error, onInput }: Props) {
  const [found, setFound] = useState<readonly Project[]>([]);
  useEffect(() => {
    let isOvertaken = false;
    const typing = setTimeout(async () => {
      const page = await findProjects(value);
      if (!isOvertaken && !(page instanceof ApiError)) setFound(page.projects);
    }, TYPING_MS);
    return () => {
      isOvertaken = true;
      clearTimeout(typing);
    };
  }, [value]);

  return (
    <>
      <Field
        id="key-project"
        label={own.project}
        hint={own.projectHint}
        error={error}
        list="projects"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id="projects">
        {found.map(({ id, name }) => (
          <option key={id} value={name} label={id} />
        ))}
      </datalist>
    </>
  );
}
