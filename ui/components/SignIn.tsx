import { useEffect } from "preact/hooks";
import { explain } from "../problem.ts";
import { type SignInError, setTitle, signIn } from "../state.ts";
import * as own from "../strings/sign-in.ts";
import * as strings from "../strings.ts";
import { OneFieldForm } from "./OneFieldForm.tsx";

export function SignIn({ ended, error }: { ended: boolean; error: SignInError | null }) {
  useEffect(() => setTitle(strings.signIn), []);
  return (
    <section class="sign-in card">
      <h1>{strings.signIn}</h1>
      <p class="lead">{ended ? strings.signInEnded : own.signInIntro}</p>
      <OneFieldForm
        id="key"
        secret
        label={own.apiKey}
        hint={own.apiKeyHint}
        missing={own.keyMissing}
        error={error && tell(error)}
        submit={strings.signIn}
        submitting={own.signingIn}
        primary
        focused
        onSubmit={signIn}
      />
    </section>
  );
}

function tell(error: SignInError): string {
  if (error === "cookie_refused") return own.cookieRefused;
  return [400, 401, 422].includes(error.status) ? own.keyRefused : explain(error);
}
