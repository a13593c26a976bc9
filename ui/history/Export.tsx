import { useState } from "preact/hooks";
import { explain } from "../problem.ts";
import { ApiError } from "../request.ts";
import * as own from "../strings/history.ts";

interface Props {
  name: string;
  /** The content; it may take a while. */
  read: () => Promise<Blob | ApiError>;
}

/** The API tells NDJSON only to those who ask for it, which a link cannot: so the file is fetched, then handed over. */
export function Export({ name, read }: Props) {
  const [step, setStep] = useState<"idle" | "reading" | ApiError>("idle");
  const isReading = step === "reading";

  const save = async () => {
    if (isReading) return;
    setStep("reading");
    const content = await read();
    if (content instanceof ApiError) return setStep(content);
    hand(content, name);
    setStep("idle");
  };

  return (
    <div class="export">
      <button type="button" class="quiet" aria-busy={isReading} onClick={save}>
        {isReading ? own.exporting : own.exportAll}
      </button>
      {step instanceof ApiError && (
        <p class="error" role="alert">
          {own.notExported} {explain(step)}
        </p>
      )}
    </div>
  );
}

function hand(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
