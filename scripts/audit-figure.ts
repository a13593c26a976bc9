/** Something measured, and what it should be. */
export interface Figure {
  /** Of several runs. */
  values: number[];
  /** What is good enough, and in which direction. */
  limit: { atLeast: number } | { atMost: number };
  unit?: string;
}
