// The local stack with the Worker's bundle in workerd, in a process of its own, and one project. Sends what a client needs.
import { startStack } from "../../test/harness/stack.ts";
import { startWorkerd } from "../../test/harness/workerd.ts";

export interface Live {
  redis: { url: string; token: string };
  /** The Worker's URL, and a key that may switch. */
  api: { url: string; key: string };
  projectId: string;
}

const stack = await startStack();
const [worker, key, projectId] = await Promise.all([startWorkerd(stack), stack.createKey(), stack.createProject()]);
process.on("disconnect", async () => {
  await worker.close();
  process.exit();
});
process.send?.({
  redis: { url: stack.upstash.url, token: stack.tokens.token },
  api: { url: worker.url, key },
  projectId,
} satisfies Live);
