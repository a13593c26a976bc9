import { useValue } from "../signal.ts";
import { search, setSearch } from "../state.ts";
import { type Range, rangeIn } from "./range.ts";

/** The range stands in the address, and the back button leads to the one before. */
export function useRange(): [Range, (range: Range) => void] {
  const range = rangeIn(useValue(search));
  const choose = (chosen: Range) => {
    if (chosen !== range) setSearch(`?range=${chosen}`, true);
  };
  return [range, choose];
}
