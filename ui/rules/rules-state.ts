import type { Changed, NextChange, ProjectApi, RulesRead } from "../api.ts";
import { type Kept, keptInTab } from "../kept.ts";
import { pollWhileVisible } from "../poll.ts";
import { ApiError } from "../request.ts";
import { signal } from "../signal.ts";
import { type Draft, differing, draftOf, editsOn, type FieldName, patchOf } from "./draft.ts";

/** What somebody else changed while these rules were being edited. */
export interface Theirs {
  before: Draft;
  after: Draft;
  fields: FieldName[];
}

export interface RulesView {
  /** As they were read last. */
  rules: RulesRead | null;
  /** What is to become of them; only what differs. */
  edits: Partial<Draft>;
  saving: boolean;
  saved: Changed | null;
  theirs: Theirs | null;
  readError: ApiError | null;
  saveError: ApiError | null;
  /** Of the project as a whole; undefined while it is not known. */
  next: NextChange | null | undefined;
}

/** Edits that are not saved yet, and the rules that they were made on. */
export type Unsaved = Pick<RulesView, "edits"> & { rules: RulesRead };

export type RulesState = ReturnType<typeof createRulesState>;

const POLL_MS = 15_000;
/** Changes that have nothing to do with the rules also raise the version. */
const ATTEMPTS = 5;

export function createRulesState(api: ProjectApi, unsaved: Kept<Unsaved>) {
  const view = signal<RulesView>({
    rules: null,
    edits: {},
    saving: false,
    saved: null,
    theirs: null,
    readError: null,
    saveError: null,
    next: undefined,
  });
  const show = (news: Partial<RulesView>) => {
    view.value = { ...view.value, ...news };
    const { rules, edits } = view.value;
    if (rules !== null) unsaved.write(isEmpty(edits) ? null : { rules, edits });
  };

  async function refresh(): Promise<void> {
    const asked = view.value.rules?.version;
    const [read, decision] = await Promise.all([api.readRules(), api.readDecision({})]);
    const { rules, edits, saving } = view.value;
    if (saving || rules?.version !== asked) return;
    if (read instanceof ApiError) return show({ readError: read });
    // Under somebody's hands only the figures change; the rest is merged when it is saved.
    const isEdited = rules !== null && !isEmpty(edits);
    const { spent_today_usd, lock } = read;
    if (rules === null) restore(read);
    show({
      rules: isEdited ? { ...rules, spent_today_usd, lock } : read,
      readError: null,
      ...(!(decision instanceof ApiError) && { next: decision.next_change }),
      ...(rules !== null && rules.version !== read.version && { saved: null }),
    });
  }

  /** Goes on with what was being edited before the page was loaded again. */
  function restore(read: RulesRead): void {
    const kept = unsaved.read();
    if (kept === null) return;
    show(kept);
    merge(kept.rules, read);
  }

  function edit(change: Partial<Draft>): void {
    const { rules, edits } = view.value;
    if (rules === null) return;
    show({ edits: editsOn(draftOf(rules), { ...edits, ...change }), saved: null, saveError: null });
  }

  const discard = () => show({ edits: {}, saveError: null, theirs: null });

  /** Takes the rules as somebody else has left them, below one's own edits. Answers whether they differ. */
  function merge(before: RulesRead, after: RulesRead): boolean {
    const fields = differing(draftOf(before), draftOf(after));
    const edits = editsOn(draftOf(after), view.value.edits);
    const theirs = { before: draftOf(before), after: draftOf(after), fields };
    show({ rules: after, edits, ...(fields.length > 0 && { theirs }) });
    return fields.length > 0;
  }

  /** What was edited while `sent` was being saved stays an edit, on top of the rules as they are now. */
  function withEditsSince(before: RulesRead, sent: Partial<Draft>, answer: Partial<RulesRead>) {
    const rules = { ...before, ...answer };
    const asSent: Draft = { ...draftOf(before), ...sent };
    const now: Draft = { ...draftOf(before), ...view.value.edits };
    const since = differing(asSent, now).map((name) => [name, now[name]]);
    return { rules, edits: editsOn(draftOf(rules), Object.fromEntries(since)) };
  }

  /** Answers whether the edits are saved. */
  async function save(reason: string): Promise<boolean> {
    if (view.value.saving) return false;
    show({ saving: true, saved: null, saveError: null, theirs: null });
    const failure = await send(reason);
    show({ saving: false, saveError: failure });
    const isSaved = view.value.saved !== null;
    if (isSaved) await refresh();
    return isSaved;
  }

  async function send(reason: string): Promise<ApiError | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { rules, edits } = view.value;
      if (rules === null) return null;
      const answer = await api.changeRules(patchOf(edits), reason, rules.version);
      if (!(answer instanceof ApiError)) {
        show({ ...withEditsSince(rules, edits, answer), saved: answer });
        return null;
      }
      if (answer.status !== 412) return answer;
      const fresh = await api.readRules();
      if (fresh instanceof ApiError) return fresh;
      if (merge(rules, fresh)) return null;
    }
    return new ApiError(412, { code: "version_mismatch" });
  }

  return { view, refresh, edit, discard, save, watch: () => pollWhileVisible(refresh, () => POLL_MS) };
}

const isEmpty = (edits: Partial<Draft>): boolean => Object.keys(edits).length === 0;

const states = new WeakMap<ProjectApi, { keyId: string; state: RulesState }>();

/** One for each project, so that edits outlive a look at another view; whoever signs in with another key sees none of them. */
export function rulesStateOf(api: ProjectApi, projectId: string, keyId: string): RulesState {
  const known = states.get(api);
  if (known?.keyId === keyId) return known.state;
  const state = createRulesState(api, keptInTab(`rules:${keyId}:${projectId}`));
  states.set(api, { keyId, state });
  return state;
}
