import * as own from "../strings/activity.ts";
import { percent } from "../strings.ts";
import type { Metrics } from "./activity-api.ts";
import { fullCount } from "./axis.ts";
import type { Range } from "./range.ts";
import { decisionsOf } from "./series.ts";

/** "33 %"; what is there is never "0 %". */
export function shareOf(count: number, all: number): string {
  const rounded = Math.round((count / all) * 100);
  return count > 0 && rounded === 0 ? own.lessThanOnePercent : percent(all === 0 ? 0 : rounded / 100);
}

/** The whole chart in a sentence. */
export function summaryOf(range: Range, { traced, skipped, undetermined, fail_opens: failOpens }: Metrics["total"]) {
  const all = decisionsOf({ traced, skipped, undetermined } as Metrics["total"]);
  const told = (count: number, words: (count: string, share: string) => string) =>
    count > 0 ? [words(fullCount(count), shareOf(count, all))] : [];
  return own.summary(own.span[range], own.decisions(fullCount(all)), [
    ...told(traced, own.traced),
    ...told(skipped, own.skipped),
    ...told(failOpens, own.unanswered),
    ...told(undetermined - failOpens, own.undetermined),
  ]);
}
