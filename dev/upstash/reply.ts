/** A reply in JSON. */
export type Json = string | number | null | Json[];

/**
 * A Redis reply as Upstash puts it in JSON. With `base64`, strings are encoded, except an `OK` that is the whole reply:
 * the client takes that one as it is, and decodes every string inside an array.
 */
export function toJson(reply: unknown, { base64 }: { base64: boolean }): Json {
  if (Array.isArray(reply)) return reply.map((item) => toNestedJson(item, base64));
  const json = toNestedJson(reply, base64);
  return json === OK_IN_BASE64 && base64 ? "OK" : json;
}

const OK_IN_BASE64 = Buffer.from("OK").toString("base64");

function toNestedJson(reply: unknown, base64: boolean): Json {
  if (Buffer.isBuffer(reply)) return reply.toString(base64 ? "base64" : "utf8");
  if (Array.isArray(reply)) return reply.map((item) => toNestedJson(item, base64));
  return reply as number | null;
}
