import { idOf, type Subject } from "./decide.ts";
import { createEndpoint } from "./endpoint.ts";
import { normalizeOptions, safely, type TracingToggleOptions } from "./options.ts";
import { type Decision, openProject, type Project } from "./project.ts";

/** Whose request it is, and of which project when not of the options' one. */
export interface Request extends Subject {
  /** Upper and lower case are the same. Default: the options' `projectId`. */
  projectId?: string | undefined;
}

/** Counters since the client was made. */
export interface Stats {
  /** Decisions, of all projects together. */
  decisions: number;
  /** Those of them that were made because neither Redis nor the API told the policy. */
  fallbacks: number;
  /** Times that Redis was asked, and how many of them it failed. */
  redis: { requests: number; failures: number };
  /** The same of the API. */
  api: { requests: number; failures: number };
}

/** Answers whether a request is traced. Made by {@link createTracingToggle}. No method ever throws or rejects. */
export interface TracingToggle {
  /** Whether the request is traced, within `timeoutMs`. */
  isEnabled(request?: Request): Promise<boolean>;
  /** The decision, within `timeoutMs`; at once when the snapshot is younger than `maxAgeMs`. */
  decide(request?: Request): Promise<Decision>;
  /**
   * The decision, synchronously, from the snapshot; starts a refresh when it is stale. A stale snapshot may say "skip", but
   * "trace" only when a refresh that began less than 30 s ago failed: else the answer is skip, reason `pending`. With
   * nothing known yet: `whenUnavailable`, reason `pending`.
   */
  peek(request?: Request): Decision;
  /** Waits until the snapshot is fresh and no refresh of it is due, for `timeoutMs` at most. */
  ready(request?: Request): Promise<void>;
  /** What was decided and asked so far. */
  stats(): Stats;
  /** Sends the usage that was not sent yet, if the client has a usage part; waits until it is sent or that failed. */
  flush(): Promise<void>;
  /** Ends what is under way. Decisions go on from the last known policy; nothing is asked any more. */
  close(): Promise<void>;
}

/**
 * Makes a client. Construction does no I/O and starts no timer, so that it may stand at a module's top level.
 *
 * @throws TypeError that names the wrong option and what it must be
 */
export function createTracingToggle(options?: TracingToggleOptions): TracingToggle {
  const settings = normalizeOptions(options);
  const { projectId } = settings;
  const redis = createEndpoint("redis", settings);
  const api = createEndpoint("api", settings);
  const endpoints = [redis, api].filter(({ source }) => settings[source]);
  const stats: Stats = {
    decisions: 0,
    fallbacks: 0,
    redis: redis.stats,
    api: api.stats,
  };
  /** The one unused for longest comes first. */
  const projects = new Map<string, Project>();
  let main: Project | undefined;
  const live = settings.live?.(settings);
  const usage = settings.usage?.(settings);

  function onDecision(id: string, decision: Decision): Decision {
    stats.decisions++;
    if (decision.source === "fallback") onFallback(id, decision);
    usage?.count(id, decision);
    return decision;
  }

  function onFallback(id: string, decision: Decision): void {
    stats.fallbacks++;
    safely(() => settings.onFallback(decision, id));
  }

  function open(id: string): Project {
    // halves of a character, and more than any id has, would only make an endpoint fail
    const project = openProject(id.toWellFormed().slice(0, 200), settings, endpoints, onDecision);
    live?.follow(id, project.update);
    return project;
  }

  /** On the hot path: what is rare is elsewhere. */
  function find(request: Request | null | undefined): Project {
    const id = request?.projectId;
    return (id === undefined && main) || findOther(idOf(id)?.toLowerCase() ?? projectId);
  }

  function findOther(id: string): Project {
    if (id === projectId) {
      main ??= open(id);
      return main;
    }
    const project = projects.get(id) ?? open(id);
    projects.delete(id);
    projects.set(id, project);
    if (projects.size > settings.maxProjects) projects.delete(projects.keys().next().value as string);
    return project;
  }

  const decide = (request?: Request) => find(request).decide(request);

  return {
    decide,
    isEnabled: (request) => decide(request).then(({ trace }) => trace),
    peek: (request) => find(request).peek(request),
    ready: (request) => find(request).ready(),
    stats: () => structuredClone(stats),
    flush: async () => usage?.flush(),
    async close() {
      for (const part of [live, usage, redis, api]) part?.close();
    },
  };
}
