import { useState } from "preact/hooks";
import { createProject } from "../api.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import { projectPath } from "../routes.ts";
import { navigate } from "../state.ts";
import * as own from "../strings/projects.ts";
import { OneFieldForm } from "./OneFieldForm.tsx";

export function CreateProject() {
  const [error, setError] = useState<string | null>(null);

  const create = async (name: string) => {
    const project = await createProject(name);
    if (project instanceof ApiError) setError(tell(project));
    else navigate(projectPath(project.id));
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
  return `${own.notCreated} ${why} ${error.status === 0 ? own.maybeCreated : ""}`;
}
