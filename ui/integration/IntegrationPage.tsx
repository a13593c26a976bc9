import type { Project } from "../api.ts";
import { Heading } from "../components/Heading.tsx";
import { useValue } from "../signal.ts";
import { search, setSearch } from "../state.ts";
import * as own from "../strings/integration.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { ReportCheck } from "./ReportCheck.tsx";
import { codeFor, environmentFor, GROUPS, type Group, isName, type Name, SNIPPETS } from "./snippets.ts";

function chosenIn(address: string): Name {
  const name = new URLSearchParams(address).get("with");
  return isName(name) ? name : "node";
}

export function IntegrationPage({ project }: { project: Project }) {
  const chosen = chosenIn(useValue(search));

  return (
    <section class="integration" aria-labelledby="integration-title">
      <Heading level={2} id="integration-title">
        {own.title}
      </Heading>
      <p class="lead">{own.intro}</p>
      <div class="integration-columns">
        <div class="card">
          <Chooser chosen={chosen} onChoose={(name) => setSearch(`?with=${name}`)} />
          <Steps name={chosen} projectId={project.id} />
        </div>
        <ReportCheck projectId={project.id} reports={SNIPPETS[chosen].reports} />
      </div>
    </section>
  );
}

function Chooser({ chosen, onChoose }: { chosen: Name; onChoose: (name: Name) => void }) {
  return (
    <fieldset class="chooser">
      <legend class="visually-hidden">{own.choose}</legend>
      {(Object.keys(GROUPS) as Group[]).map((group) => (
        <div key={group}>
          <p class="hint">{own.groups[group]}</p>
          <div class="days">
            {(Object.keys(GROUPS[group]) as Name[]).map((name) => (
              <label key={name}>
                <input type="radio" name="with" checked={name === chosen} onChange={() => onChoose(name)} />
                <span>{own.names[name]}</span>
              </label>
            ))}
          </div>
        </div>
      ))}
    </fieldset>
  );
}

function Steps({ name, projectId }: { name: Name; projectId: string }) {
  const snippet = SNIPPETS[name];
  const url = location.origin;
  const setting = name === "github" ? own.setSecret : own.setEnvironment;
  return (
    <div class="steps">
      {own.notes[name] && <p>{own.notes[name]}</p>}
      {snippet.install !== null && (
        <CodeBlock title={own.install} code={snippet.install}>
          <h3>{own.install}</h3>
        </CodeBlock>
      )}
      <div>
        <CodeBlock title={setting} code={environmentFor(snippet, { project: projectId, url }, own.meanings)}>
          <h3>{setting}</h3>
        </CodeBlock>
        <p class="hint">{own.secrets}</p>
      </div>
      <CodeBlock title={own.use} code={codeFor(snippet, projectId, url)}>
        <h3>{own.use}</h3>
      </CodeBlock>
    </div>
  );
}
