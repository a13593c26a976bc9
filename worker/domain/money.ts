/** Dollars as people write them: a decimal string of up to 9 digits, and 6 after the point. */
export const DOLLARS = /^\d{1,9}(\.\d{1,6})?$/;

/** Millionths of a dollar, an integer, of a string that {@link DOLLARS} accepts. */
export function microsOf(dollars: string): number {
  const [whole = "", fraction = ""] = dollars.split(".");
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

/** Millionths of a dollar as dollars: `"100.00"`, with as many digits as it needs. */
export function dollarsOf(micros: number): string {
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  return `${Math.floor(micros / 1_000_000)}.${fraction.slice(0, 2)}${fraction.slice(2).replace(/0+$/, "")}`;
}
