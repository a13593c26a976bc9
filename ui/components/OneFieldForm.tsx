import { useEffect, useRef, useState } from "preact/hooks";
import { Field, type FieldProps } from "./Field.tsx";

interface Props extends FieldProps {
  missing: string;
  submit: string;
  submitting: string;
  primary?: boolean;
  focused?: boolean;
  onSubmit: (value: string) => Promise<void>;
}

/** Ignores a second submit while the first is under way, and puts the focus back where the mistake is. */
export function OneFieldForm({ missing, submit, submitting, primary, focused, onSubmit, error, ...field }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const sending = useRef(false);
  const [step, setStep] = useState<"idle" | "empty" | "sending">("idle");

  const focus = () => form.current?.querySelector("input")?.focus();
  useEffect(() => {
    if (focused) focus();
  }, []);

  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (sending.current || !form.current) return;
    const value = String(new FormData(form.current).get(field.id)).trim();
    if (value !== "") {
      sending.current = true;
      setStep("sending");
      await onSubmit(value);
      sending.current = false;
    }
    setStep(value === "" ? "empty" : "idle");
    focus();
  };

  return (
    <form ref={form} onSubmit={send} noValidate>
      <Field {...field} error={step === "empty" ? missing : step === "sending" ? null : error} />
      <button type="submit" class={primary ? "primary" : ""} aria-busy={step === "sending"}>
        {step === "sending" ? submitting : submit}
      </button>
    </form>
  );
}
