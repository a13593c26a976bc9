import type { ProjectStatus } from "../api.ts";
import { byReason } from "../strings.ts";

export const title = "Agents";
export const state: Record<ProjectStatus["status"], string> = { active: "Active", silent: "Silent", off: "Off" };
export const meaning = ({ status, reason }: ProjectStatus): string =>
  ({
    active: "Tracing is on, and agents report.",
    silent: "Tracing is on, but no agent has reported in the last 30 seconds.",
    off: `Kept off ${byReason(reason)}.`,
  })[status];

export const seen = "Seen";
export const seenCount = (count: number) => `${count} ${count === 1 ? "agent" : "agents"} in the last 10 minutes`;
export const version = "Version";
export const current = (some: number, all: number) => `${some} of ${all} on the current one`;
export const lastReport = "Last report";
export const noReport = "None in the last day";
export const sdk = "SDK";
export const sdkCount = (name: string, count: number) => `${name} (${count})`;
export const sdkName = (sdkVersion: string, runtime: string) => `${sdkVersion} on ${runtime}`;

export const connect = "Connect an agent";
export const each = "Each agent";
export const eachOf = (listed: number) => `The ${listed} that reported last`;
export const holdsCurrent = "on the current version";
export const holds = (name: string) => `on version ${name}`;
export const holdsNone = "without a version yet";
export const notRead = "What the agents do could not be read.";
