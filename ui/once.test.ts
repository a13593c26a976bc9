import { expect, test } from "vitest";
import { makeOnce } from "./once.ts";
import { ApiError } from "./request.ts";

/** A server that answers as told, and a clock that goes on. */
function server(...answers: (number | "made")[]) {
  const received: { body: { name: string; at: number }; idempotencyKey: string }[] = [];
  let time = 0;
  const make = makeOnce(
    (name: string) => ({ name, at: ++time }),
    async (body, idempotencyKey) => {
      const answer = answers[received.push({ body, idempotencyKey }) - 1];
      return typeof answer === "number" ? new ApiError(answer, {}) : "made";
    },
  );
  return { make, received };
}

test("after an answer that never came, the same is sent under the same key", async () => {
  for (const lost of [0, 409, 500, 503]) {
    const { make, received } = server(lost, "made");
    await make("CI");
    expect(await make("CI")).toBe("made");
    expect(received[1], String(lost)).toEqual(received[0]);
  }
});

test("what was changed meanwhile is another request", async () => {
  const { make, received } = server(0, "made");
  await make("CI");
  await make("CD");
  expect(received[1]?.body.name).toBe("CD");
  expect(received[1]?.idempotencyKey).not.toBe(received[0]?.idempotencyKey);
});

test("what was made, or refused, is done with: the same again is another one", async () => {
  const { make, received } = server("made", 422, 429, "made");
  for (let i = 0; i < 4; i++) await make("CI");
  expect(new Set(received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(4);
  expect(received.map(({ body }) => body.at)).toEqual([1, 2, 3, 4]);
});
