// OpenFeature's remote evaluation protocol, single evaluation: https://github.com/open-feature/protocol
import { Hono } from "hono";
import { idOf } from "../../sdk/src/decide.ts";
import { AppError, type ErrorCode, problem } from "../errors.ts";
import { type AppContext, type AppEnv, authorized } from "../middleware/app-context.ts";
import { authenticate } from "../middleware/authenticate.ts";
import { finishAlone } from "../middleware/finish-alone.ts";
import { parseBody } from "../middleware/parse.ts";
import { type Evaluation, evaluate } from "../services/evaluation.ts";
import { evaluationBody } from "./schemas.ts";

/** The only flag. */
const FLAG = "tracing";

const REASONS: Record<string, string> = { user_override: "TARGETING_MATCH", sampled: "SPLIT", not_sampled: "SPLIT" };

/** As the SDK's provider for OpenFeature has it. */
const reasonOf = ({ reason, trace }: Evaluation) => REASONS[reason] ?? (trace ? "STATIC" : "DISABLED");

/** The errors that the protocol has a code for, and what ours is when it has another status. Any other is `GENERAL`. */
const FAILURES: Partial<Record<ErrorCode, [errorCode: string, ours?: ErrorCode]>> = {
  malformed_json: ["PARSE_ERROR"],
  unsupported_media_type: ["PARSE_ERROR", "malformed_json"],
  invalid_body: ["INVALID_CONTEXT", "invalid_context"],
  invalid_context: ["INVALID_CONTEXT"],
  not_found: ["FLAG_NOT_FOUND"],
  project_not_found: ["FLAG_NOT_FOUND"],
};

/** A problem that has the protocol's own fields, too. */
async function failure(error: Error, c: AppContext): Promise<Response> {
  if (!(error instanceof AppError)) throw error;
  const { code, message, errors } = error;
  const [errorCode, ours = code] = FAILURES[code] ?? ["GENERAL"];
  const told = ours === code ? error : new AppError(ours, message, errors);
  const response = problem(told, c.get("requestId"));
  const fields = { key: c.req.param("flag"), errorCode, errorDetails: message };
  return new Response(JSON.stringify({ ...(await response.json<object>()), ...fields }), response);
}

export const ofrep = new Hono<AppEnv>()
  .post("/evaluate/flags/:flag", finishAlone, authenticate({ outlivesDatabase: true }), async (c) => {
    const flag = c.req.param("flag");
    if (flag !== FLAG) throw new AppError("not_found", `There is no flag ${flag}; the only one is ${FLAG}.`);
    const { context } = await parseBody(c, evaluationBody);
    const projectId = context.projectId ?? c.var.principal.projectId;
    if (!projectId) {
      const message = "is required, since this key is for all projects";
      throw new AppError("invalid_context", `context.projectId: ${message}`, [{ field: "context.projectId", message }]);
    }
    const evaluation = await evaluate(authorized(c), projectId, {
      userId: idOf(context.userId) ?? idOf(context.targetingKey),
      sessionId: idOf(context.sessionId),
      traceId: idOf(context.traceId),
    });
    const { trace, reason, policy } = evaluation;
    const metadata = { reason, ...policy };
    return c.json({ key: FLAG, value: trace, reason: reasonOf(evaluation), variant: trace ? "on" : "off", metadata });
  })
  .onError(failure);
