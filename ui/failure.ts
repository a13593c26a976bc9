import { explain, isOutcomeUnknown } from "./problem.ts";
import type { ApiError } from "./request.ts";
import * as own from "./strings/failure.ts";

/** What became of a change that can be asked for again without harm: `not` says that it was not made. */
export function tellFailure(not: string, error: ApiError): string {
  if (isOutcomeUnknown(error)) return `${explain(error)} ${own.maybeDone}`;
  // What is wrong with a field stands at the field.
  return error.fieldErrors.length > 0 ? not : `${not} ${explain(error)}`;
}
