import { BaseTracer, type Run } from "@langchain/core/tracers/base";

const spansOf = (run: Run): number => run.child_runs.reduce((sum, child) => sum + spansOf(child), 1);

/** Stands for the tracer of your choice: receives the run tree of every traced run, and counts its spans. */
export class SpanTracer extends BaseTracer {
  name = "span_tracer";
  override awaitHandlers = true;
  #spans = 0;

  protected override async persistRun(run: Run): Promise<void> {
    this.#spans += spansOf(run);
  }

  /** The spans received since the last call. */
  take(): number {
    const spans = this.#spans;
    this.#spans = 0;
    return spans;
  }
}
