const MORNING_HOUR = 8;

/** 08:00 of the next day in this browser's time zone (epoch ms): what people mean by "until tomorrow", also at three at night. */
export function nextMorning(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1, MORNING_HOUR).getTime();
}
