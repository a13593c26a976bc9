import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isUncertain, makeOnce } from "../once.ts";
import { explain } from "../problem.ts";
import { ApiError, request } from "../request.ts";
import { projectPath } from "../routes.ts";
import { navigate } from "../state.ts";
import * as own from "../strings/projects.ts";
import { OneFieldForm } from "./OneFieldForm.tsx";

const createProject = (body: { name: string }, idempotencyKey: string) =>
  request<"POST /api/v1/projects">("POST", "/projects", body, { "Idempotency-Key": idempotencyKey });

export function CreateProject() {
  const make = useMemo(() => makeOnce((name: string) => ({ name }), createProject), []);
  const isLeft = useRef(false);
  useEffect(
    () => () => {
      isLeft.current = true;
    },
    [],
  );
  const [error, setError] = useState<string | null>(null);

  const create = async (name: string) => {
    const project = await make(name);
    if (project instanceof ApiError) setError(tell(project));
    // Whoever has gone elsewhere meanwhile stays there.
    else if (!isLeft.current) navigate(projectPath(project.id));
  };

  return (
    <section class="create" aria-labelledby="create-title">
      <h2 id="create-title">{own.newProject}</h2>
      <OneFieldForm
        id="name"
        label={own.name}
        missing={own.nameMissing}
        error={error}
        submit={own.createProject}
        submitting={own.creating}
        onSubmit={create}
      />
    </section>
  );
}

function tell(error: ApiError): string {
  const field = error.fieldErrors[0];
  const why = field ? `${own.name} ${field.message}.` : explain(error);
  return isUncertain(error) ? `${why} ${own.maybeCreated}` : `${own.notCreated} ${why}`;
}
