import { useState } from "preact/hooks";
import type { ProjectEvent } from "../api.ts";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/history.ts";
import { absoluteTime } from "../time.ts";
import type { HistoryApi } from "./history-api.ts";
import { type Plan, planRevert } from "./revert.ts";
import { settingsIn } from "./settings.ts";

interface Props {
  api: HistoryApi;
  event: ProjectEvent;
  onPress: () => void;
  /** Called some time later when there is something to do. */
  onPlan: (plan: Plan) => void;
}

/** The way back to before a change, where the change was one of the switch or the rules. */
export function Revert({ api, event, onPress, onPlan }: Props) {
  const [step, setStep] = useState<"idle" | "reading" | "nothing" | ApiError>("idle");
  if (settingsIn(event).length === 0) return null;

  const look = async () => {
    onPress();
    if (step === "reading") return;
    setStep("reading");
    const plan = await planRevert(api, event);
    if (plan instanceof ApiError) return setStep(plan);
    const isNeeded = plan.fields.length > 0;
    setStep(isNeeded ? "idle" : "nothing");
    if (isNeeded) onPlan(plan);
  };

  return (
    <div class="revert">
      <button
        type="button"
        class="quiet"
        aria-busy={step === "reading"}
        aria-label={own.goBackOf(own.action(event.action), absoluteTime(Date.parse(event.created_at)))}
        onClick={look}
      >
        {own.goBack}
      </button>
      {step instanceof ApiError && (
        <p class="error" role="alert">
          {own.notPlanned} {explain(step)}
        </p>
      )}
      <p class="hint" role="status">
        {step === "nothing" && own.nothingToDo}
      </p>
    </div>
  );
}
