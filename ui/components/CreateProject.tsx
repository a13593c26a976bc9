import { useState } from "preact/hooks";
import { ApiError, createProject } from "../api.ts";
import { explain } from "../problem.ts";
import { projectPath } from "../routes.ts";
import { navigate } from "../state.ts";
import * as strings from "../strings.ts";
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
      <h2 id="create-title">{strings.newProject}</h2>
      <OneFieldForm
        id="name"
        label={strings.name}
        missing={strings.nameMissing}
        error={error}
        submit={strings.createProject}
        submitting={strings.creating}
        onSubmit={create}
      />
    </section>
  );
}

function tell(error: ApiError): string {
  const field = error.fieldErrors[0];
  const why = field ? `${strings.name} ${field.message}.` : explain(error);
  return `${strings.notCreated} ${why} ${error.status === 0 ? strings.maybeCreated : ""}`;
}
