import type { Context as HonoContext } from "hono";
import type { Env, Limiters } from "../env.ts";
import type { VerifyAssertion } from "../services/access.ts";
import type { Principal, Context as ServiceContext } from "../services/context.ts";
import type { Credential, CredentialMemory, Guard } from "../services/credentials.ts";
import type { KeyUse } from "../services/key-use.ts";

/** Hono's type parameters: the bindings, and what middleware leaves for the handlers. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    context: ServiceContext;
    principal: Principal;
    /** What the principal was found by. */
    credential: Credential | { kind: "access"; secret: string };
    /** Undefined where Cloudflare Access is not used. */
    verifyAssertion: VerifyAssertion | undefined;
    memory: CredentialMemory;
    keyUse: KeyUse;
    limiters: Limiters;
    guard: Guard | undefined;
  };
}

export type AppContext = HonoContext<AppEnv>;

/** The service context of an authorized request. */
export const authorized = (c: AppContext) => ({ ...c.var.context, principal: c.var.principal });
