import { propagateAttributes, startActiveObservation } from "@langfuse/tracing";

/** An agent that calls a model, as Langfuse would have it written: it knows nothing of the policy. */
export const answer = (userId: string, sessionId: string, question: string): Promise<string> =>
  propagateAttributes({ userId, sessionId }, () =>
    startActiveObservation("agent", async (agent) => {
      agent.update({ input: { question } });
      const output = await startActiveObservation(
        "model",
        async (model) => {
          const text = `You asked: ${question}`;
          model.update({
            model: "fake",
            input: question,
            output: text,
            usageDetails: { input: 5, output: text.length },
          });
          return text;
        },
        { asType: "generation" },
      );
      agent.update({ output });
      return output;
    }),
  );
