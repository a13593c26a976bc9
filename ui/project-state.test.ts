import { expect, test } from "vitest";
import type { Project, ProjectApi, TracingChange, TracingState } from "./api.ts";
import { createProjectState, isSaving, isSwitchOn, liftsStop } from "./project-state.ts";
import { ApiError } from "./request.ts";

const project = (enabled: boolean, version: number): Project => ({
  id: "p",
  name: "Demo",
  tracing_enabled: enabled,
  effective: enabled,
  reason: enabled ? "enabled" : "disabled",
  production: false,
  override: null,
  lock: null,
  version,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
});

const seen = (enabled: boolean, version: number, source: TracingState["source"] = "redis"): TracingState => ({
  effective: enabled,
  reason: enabled ? "enabled" : "disabled",
  version,
  source,
  policy: null,
});

/** What the server says of a change that found the switch the other way round. */
const answer = (enabled: boolean, version: number, propagation: TracingChange["propagation"]): TracingChange => ({
  ...seen(enabled, version),
  version,
  status: "ok",
  message: "",
  tracing_enabled: enabled,
  override: null,
  before: { tracing_enabled: !enabled, override: null, break_glass: false },
  propagation,
});

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

type EventsPage = Exclude<Awaited<ReturnType<ProjectApi["readEvents"]>>, ApiError>;

/** What has been answered has been shown. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** An API whose answers a test gives when it wants to. */
function controlledApi() {
  const changes = deferred<TracingChange | ApiError>();
  const calls = { setTracing: 0 };
  const server = { project: project(true, 1) as Project | ApiError, tracing: seen(true, 1) };
  const api: ProjectApi = {
    read: async () => server.project,
    readTracing: async () => server.tracing,
    readEvents: async () => ({ events: [], next_cursor: null }),
    setTracing: () => {
      calls.setTracing++;
      return changes.promise;
    },
  } as Partial<ProjectApi> as ProjectApi;
  return { api, server, calls, answerChange: changes.resolve };
}

async function loaded(api: ProjectApi) {
  const state = createProjectState(api);
  await state.refresh();
  return state;
}

test("the switch moves when it is pressed and moves back when the change fails", async () => {
  const { api, answerChange } = controlledApi();
  const state = await loaded(api);

  const done = state.setTracing({ on: false }, "");
  expect(isSwitchOn(state.view.value)).toBe(false);
  expect(isSaving(state.view.value)).toBe(true);

  answerChange(new ApiError(503, { code: "unavailable" }));
  expect(await done).toBe(false);
  expect(isSwitchOn(state.view.value)).toBe(true);
  expect(state.view.value.change).toMatchObject({ kind: "failed", wanted: { on: false } });
});

test("a second press while the first is being saved sends nothing", async () => {
  const { api, calls, answerChange } = controlledApi();
  const state = await loaded(api);

  const first = state.setTracing({ on: false }, "");
  expect(await state.setTracing({ on: true }, "")).toBe(false);
  answerChange(answer(false, 2, "live"));

  expect(await first).toBe(true);
  expect(calls.setTracing).toBe(1);
  expect(isSwitchOn(state.view.value)).toBe(false);
});

test("a read that set out before the change does not undo it on the screen", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  const staleRead = deferred<Project>();
  const readNow = api.read;
  api.read = () => staleRead.promise;
  const reading = state.refresh();
  api.read = readNow;

  answerChange(answer(false, 2, "live"));
  server.project = project(false, 2);
  server.tracing = seen(false, 2);
  await state.setTracing({ on: false }, "");
  staleRead.resolve(project(true, 1));
  await reading;

  expect(isSwitchOn(state.view.value)).toBe(false);
  expect(state.view.value.project?.version).toBe(2);
});

test("a change is in effect once Redis gave it back, and not when the answer says so", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  answerChange(answer(false, 2, "live"));
  server.project = project(false, 2);
  server.tracing = seen(false, 2, "postgres");

  await state.setTracing({ on: false }, "");
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ kind: "saved", readBack: false });

  server.tracing = { ...seen(false, 2), reason: "break_glass" };
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ readBack: false });

  server.tracing = seen(false, 2);
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ readBack: true });
});

test("a failure whose change had arrived after all is withdrawn", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  answerChange(new ApiError(0, { code: "timeout" }));
  await state.setTracing({ on: false }, "");
  expect(state.view.value.change?.kind).toBe("failed");

  server.project = project(false, 2);
  await state.refresh();
  expect(state.view.value.change).toBeNull();
  expect(isSwitchOn(state.view.value)).toBe(false);
});

test("somebody else's change ends what was said about one's own", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  answerChange(answer(false, 2, "live"));
  await state.setTracing({ on: false }, "");

  server.project = project(true, 3);
  server.tracing = seen(true, 3);
  await state.refresh();
  expect(state.view.value.change, "it could still be undone").toEqual({ kind: "overtaken" });
  expect(isSwitchOn(state.view.value)).toBe(true);
});

test("an undo is for the version of the change that it takes back, and offers no undo itself", async () => {
  const { api, answerChange, server } = controlledApi();
  const versions: (number | undefined)[] = [];
  const send = api.setTracing;
  api.setTracing = (on, reason, seconds, version) => {
    versions.push(version);
    return send(on, reason, seconds, version);
  };
  const state = await loaded(api);
  answerChange(answer(false, 2, "live"));
  server.project = project(false, 2);
  await state.setTracing({ on: false }, "");
  const { change } = state.view.value;
  const undo = change?.kind === "saved" && change.undo;
  expect(undo).toEqual({ on: true, ifVersion: 2, isUndo: true });
  await state.setTracing(undo || { on: true }, "");
  expect(versions).toEqual([undefined, 2]);
  expect(state.view.value.change).toMatchObject({ kind: "saved", undo: null });
});

test("an emergency stop is lifted by a press only where it is on the screen, and never by one for a version", async () => {
  const { api, server } = controlledApi();
  const state = await loaded(api);
  expect(liftsStop(state.view.value, { on: true })).toBe(false);
  server.tracing = { ...seen(false, 1), reason: "break_glass" };
  await state.refresh();
  expect(liftsStop(state.view.value, { on: true })).toBe(true);
  expect(liftsStop(state.view.value, { on: false })).toBe(true);
  expect(liftsStop(state.view.value, { on: true, ifVersion: 1 })).toBe(false);
});

test("an emergency stop that is on the screen outlives “off for a while”: tracing must not begin by itself after it", async () => {
  const { api, server } = controlledApi();
  const state = await loaded(api);
  server.tracing = { ...seen(false, 1), reason: "break_glass" };
  await state.refresh();
  const until = Date.now() + 900_000;
  expect(liftsStop(state.view.value, { on: false, until })).toBe(false);
  expect(liftsStop(state.view.value, { on: true, until })).toBe(true);
});

test("a press that was to end an emergency stop is not undone, as it may have ended it although Redis did not answer", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  server.tracing = { ...seen(false, 1), reason: "break_glass" };
  await state.refresh();
  const unknown = answer(false, 2, "pending");
  answerChange({ ...unknown, before: { ...unknown.before, break_glass: null } });
  await state.setTracing({ on: false, lifts: true }, "");
  expect(state.view.value.change).toMatchObject({ kind: "saved", undo: null });
});

test("with the database away, what agents see is still updated and the rest is kept", async () => {
  const { api, server } = controlledApi();
  const state = await loaded(api);

  server.project = new ApiError(503, { code: "unavailable" });
  server.tracing = { ...seen(false, 1), reason: "break_glass" };
  await state.refresh();

  expect(state.view.value.readError?.status).toBe(503);
  expect(state.view.value.project?.name).toBe("Demo");
  expect(state.view.value.inEffect?.reason).toBe("break_glass");
});

test("turning off for a while leaves the switch where it is", async () => {
  const { api, answerChange } = controlledApi();
  const state = await loaded(api);

  const done = state.setTracing({ on: false, until: Date.now() + 900_000 }, "");
  expect(isSaving(state.view.value)).toBe(true);
  expect(isSwitchOn(state.view.value)).toBe(true);

  const override = { trace: false, until: "2026-01-01T00:15:00Z" };
  answerChange({ ...answer(true, 2, "live"), effective: false, reason: "override", override });
  await done;
  expect(isSwitchOn(state.view.value)).toBe(true);
  expect(state.view.value.project?.override).toEqual(override);
  expect(state.view.value.inEffect?.reason).toBe("override");
});

test("a colleague's change that this page had not seen is neither what an undo restores nor taken back by it", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  server.project = project(false, 3);
  server.tracing = seen(false, 3);
  const before = { tracing_enabled: false, override: null, break_glass: false };
  answerChange({ ...answer(false, 3, "live"), before });

  await state.setTracing({ on: false }, "");
  expect(state.view.value.change).toMatchObject({ kind: "saved", undo: null });
});

test("an emergency stop that is set after a change ends its undo for good", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  answerChange(answer(false, 2, "live"));
  server.project = project(false, 2);
  server.tracing = seen(false, 2);
  await state.setTracing({ on: false }, "");
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ undo: { on: true } });

  server.tracing = { ...seen(false, 2), reason: "break_glass" };
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ kind: "saved", undo: null });
  server.tracing = seen(false, 2);
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ kind: "saved", undo: null });
});

test("a refusal to end what somebody set anew meanwhile stays, though the switch is where it was wanted", async () => {
  const { api, server, answerChange } = controlledApi();
  const until = "2026-01-01T00:15:00Z";
  server.project = { ...project(true, 1), override: { trace: false, until } };
  const state = await loaded(api);
  answerChange(new ApiError(412, { code: "version_mismatch" }));
  server.project = { ...project(true, 2), override: { trace: false, until: "2026-01-01T01:00:00Z" } };

  await state.setTracing({ on: true, ifVersion: 1 }, "");
  await state.refresh();
  expect(state.view.value.change).toMatchObject({ kind: "failed", error: { status: 412 } });
});

test("a look at Redis in the midst of reading a change does not leave standing what Redis never got", async () => {
  const { api, server, answerChange } = controlledApi();
  const state = await loaded(api);
  await state.poll();
  const slowRead = deferred<Project>();
  const readNow = api.read;
  api.read = () => slowRead.promise;
  answerChange(answer(false, 2, "pending"));
  await state.setTracing({ on: false }, "");
  expect(state.view.value.inEffect?.effective).toBe(false);

  api.read = readNow;
  server.project = project(false, 2);
  await state.poll();
  slowRead.resolve(project(false, 2));
  expect(state.view.value.inEffect?.effective, "agents go on as Redis says").toBe(true);
});

test("an older list of changes that comes late does not replace a newer one", async () => {
  const { api, server } = controlledApi();
  const state = createProjectState(api);
  const older = deferred<EventsPage>();
  api.readEvents = () => older.promise;
  const first = state.refresh();
  await settled();
  const events = [{ id: "newer", action: "project.created" }] as unknown as EventsPage["events"];
  api.readEvents = async () => ({ events, next_cursor: null });
  server.project = project(false, 2);
  await state.refresh();
  older.resolve({ events: [], next_cursor: null });
  await first;

  expect(state.view.value.events).toEqual(events);
});
