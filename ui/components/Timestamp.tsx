import { now } from "../clock.ts";
import { useValue } from "../signal.ts";
import { absoluteTime, relativeTime } from "../time.ts";

export function Timestamp({ at }: { at: string }) {
  const instant = Date.parse(at);
  return (
    <time dateTime={at} title={absoluteTime(instant)}>
      {relativeTime(instant, useValue(now))}
    </time>
  );
}
