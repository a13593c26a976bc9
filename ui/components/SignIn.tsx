import { useEffect } from "preact/hooks";
import { explain } from "../problem.ts";
import { type SignInError, setTitle, signIn } from "../state.ts";
import * as strings from "../strings.ts";
import { OneFieldForm } from "./OneFieldForm.tsx";

export function SignIn({ ended, error }: { ended: boolean; error: SignInError | null }) {
  useEffect(() => setTitle(strings.signIn), []);
  return (
    <section class="sign-in card">
      <h1>{strings.signIn}</h1>
      <p class="lead">{ended ? strings.signInEnded : strings.signInIntro}</p>
      <OneFieldForm
        id="key"
        secret
        label={strings.apiKey}
        hint={strings.apiKeyHint}
        missing={strings.keyMissing}
        error={error && tell(error)}
        submit={strings.signIn}
        submitting={strings.signingIn}
        primary
        focused
        onSubmit={signIn}
      />
    </section>
  );
}

function tell(error: SignInError): string {
  if (error === "cookie_refused") return strings.cookieRefused;
  return [400, 401, 422].includes(error.status) ? strings.keyRefused : explain(error);
}
