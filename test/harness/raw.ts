import { request } from "node:http";
import { text } from "node:stream/consumers";

/** A request as it is, past what `fetch` would put right or refuse. */
export function raw(
  origin: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const sent = request({ hostname, port, method, path, headers, agent: false }, async (answer) => {
      const content = await text(answer);
      const status = answer.statusCode ?? 0;
      resolve(new Response(content || null, { status, headers: answer.headers as Record<string, string> }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
