/**
 * Runs `task` now and after each `delayMs()`, one at a time, only while somebody can see the page; at once when they come back to
 * it, or the network does. Returns how to stop.
 */
export function pollWhileVisible(task: () => Promise<void>, delayMs: () => number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let stopped = false;

  const run = async () => {
    clearTimeout(timer);
    if (running || stopped || document.hidden) return;
    running = true;
    try {
      await task();
    } finally {
      running = false;
    }
    if (!stopped) timer = setTimeout(run, delayMs());
  };

  document.addEventListener("visibilitychange", run);
  addEventListener("online", run);
  void run();

  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", run);
    removeEventListener("online", run);
  };
}
