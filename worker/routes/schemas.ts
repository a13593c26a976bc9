import * as v from "valibot";

const NAME_LENGTH = 100;
const REASON_LENGTH = 500;

const uuid = v.pipe(v.string("must be a string"), v.uuid("must be a UUID"), v.toLowerCase());
const wrongField = (issue: { expected: string | null }) =>
  issue.expected === "never" ? "is not known here" : "is required";

// PostgreSQL cannot store the character NUL in a text.
const text = (longest: number) =>
  v.pipe(
    v.string("must be a string"),
    v.trim(),
    v.minLength(1, "must not be empty"),
    v.maxLength(longest, `must be ${longest} characters at most`),
    v.check((value) => !value.includes("\0") && value.isWellFormed(), "must be valid Unicode text without NUL"),
  );

const reason = v.optional(v.nullable(text(REASON_LENGTH)));
const onOff = v.boolean("must be true or false");

/** `{name, id?, tracing_enabled?, reason?}`: a new project. */
export const createProjectBody = v.strictObject(
  { name: text(NAME_LENGTH), id: v.optional(uuid), tracing_enabled: v.optional(onOff), reason },
  wrongField,
);

/** `{name, reason?}`: what can be changed of a project. */
export const renameProjectBody = v.strictObject({ name: text(NAME_LENGTH), reason }, wrongField);

/** `{reason?}`: why a project is deleted. */
export const deleteProjectBody = v.strictObject({ reason }, wrongField);

/** `{tracing_enabled, reason?}`: the switch. */
export const setTracingBody = v.strictObject({ tracing_enabled: onOff, reason }, wrongField);

/** `{key}`: a sign-in. */
export const signInBody = v.strictObject({ key: v.pipe(v.string("must be a string"), v.trim()) }, wrongField);

const limit = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,3}$/, "must be a whole number from 1 to 100"),
    v.transform(Number),
    v.minValue(1, "must be a whole number from 1 to 100"),
    v.maxValue(100, "must be a whole number from 1 to 100"),
  ),
  "50",
);

/** `?limit=&cursor=` of the project list. */
export const projectsQuery = v.strictObject({ limit, cursor: v.optional(uuid) }, wrongField);

/** `?limit=&cursor=` of the audit log. */
export const eventsQuery = v.strictObject(
  {
    limit,
    cursor: v.optional(
      v.pipe(v.string(), v.regex(/^\d{1,15}$/, "must be a next_cursor of this list"), v.transform(Number)),
    ),
  },
  wrongField,
);
