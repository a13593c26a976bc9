import { createHash } from "node:crypto";

export const COUNT = 10_000;

// Through JSON, since a string put together of others is made flat only when it is first read.
const flat = (ids: string[]): string[] => JSON.parse(JSON.stringify(ids));

const digests = (algorithm: string): string[] =>
  Array.from({ length: COUNT }, (_, i) => createHash(algorithm).update(`user ${i}`).digest("hex"));

/** The same 10,000 users for every subject: UUIDs, the longest ids that are common. */
export const userIds = (): string[] =>
  flat(digests("sha256").map((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5")));

/** W3C trace ids, for samplers that decide by them. */
export const traceIds = (): string[] => flat(digests("md5"));
