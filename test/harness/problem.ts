import { expect } from "vitest";

/** An error answer's body (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors?: { field: string; message: string }[];
  request_id: string;
}

/** The problem that a response carries, once everything is checked that every error answer must have. */
export async function problemOf(response: Response): Promise<Problem> {
  const problem = (await response.json()) as Problem;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expectTraceable(response);
  expect(problem).toMatchObject({
    type: "about:blank",
    title: expect.stringMatching(/\w/),
    status: response.status,
    code: expect.stringMatching(/^[a-z_]+$/),
    detail: expect.stringMatching(/\w.*\.|.: \w+/),
    request_id: response.headers.get("x-request-id"),
  });
  if (response.status === 503) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  return problem;
}

/** Checks that an answer can be found again in the logs, and says what it waited for. */
export function expectTraceable(response: Response): void {
  expect(response.headers.get("x-request-id")).toMatch(/^[\w=-]+$/);
  expect(response.headers.get("server-timing")).toMatch(/^db;dur=[\d.]+;desc="\d+", redis;dur=[\d.]+;desc="\d+"$/);
}

/** How many round trips an answer waited for, by its `Server-Timing`. */
export function roundTripsOf(response: Response): { db: number; redis: number } {
  const [, db, redis] =
    /db;.*desc="(\d+)", redis;.*desc="(\d+)"/.exec(response.headers.get("server-timing") ?? "") ?? [];
  return { db: Number(db), redis: Number(redis) };
}
