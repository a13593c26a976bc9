import { createApp, createContext, type Dependencies } from "./app.ts";
import { ConfigurationError, type Env, readEnv } from "./env.ts";
import { AppError, problem } from "./errors.ts";
import { runCron } from "./services/cron.ts";
import { connectPostgres } from "./store/postgres.ts";
import { connectRedis } from "./store/redis.ts";

function dependenciesOf(env: Env): Dependencies {
  const settings = readEnv(env);
  return {
    ...settings.options,
    connect: (observe) => ({
      postgres: connectPostgres(settings.databaseUrl, settings.neonEndpoint, observe),
      redis: connectRedis(settings.redisUrl, settings.redisToken, observe),
    }),
    now: Date.now,
  };
}

let app: ReturnType<typeof createApp> | undefined;

export default {
  fetch(request, env, execution) {
    try {
      app ??= createApp(dependenciesOf(env));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      console.error(error.message);
      const detail = "The Worker lacks a setting; its log says which.";
      return problem(new AppError("not_configured", detail), crypto.randomUUID());
    }
    return app.fetch(request, env, execution);
  },

  async scheduled(_event, env, execution) {
    const defer = (work: Promise<unknown>) => execution.waitUntil(work);
    const { context } = createContext(dependenciesOf(env), { redisDownUntil: 0 }, defer);
    const { published, restored } = await runCron(context);
    if (published > 0 || restored > 0) console.log(`cron: ${published} published, ${restored} restored`);
  },
} satisfies ExportedHandler<Env>;
