/** The running part of a child process: what it tells its parent, and how it ends. */
export interface Service {
  /** Sent to the parent with `type: "ready"`. */
  ready: Record<string, string>;
  close(): Promise<void>;
}

/** How long a child may take to close before it is ended anyway. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * The life of a forked part of the local stack: sends `{type: "ready", ...urls}` or `{type: "failed", message}`, closes
 * the service on SIGTERM and SIGINT and when the IPC channel closes, that is also when the parent was killed with -9.
 */
export async function runAsChild(start: () => Promise<Service>): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once("disconnect", resolve);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
  });
  let service: Service;
  try {
    service = await start();
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  tell({ type: "ready", ...service.ready });

  await stopped;
  setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS).unref();
  await service.close();
  process.exit(0);
}

function fail(message: string): void {
  if (!process.connected) {
    console.error(message);
    process.exit(1);
  }
  tell({ type: "failed", message }, () => process.exit(1));
}

/** Sends a message to the parent; one that has just died is no error, the closed channel ends us anyway. */
function tell(message: object, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}
