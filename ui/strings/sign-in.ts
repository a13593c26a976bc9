export const signInIntro = "Decide, while your agents run, whether their requests are traced.";
export const apiKey = "API key";
export const apiKeyHint = "Keys start with tt_. An administrator can create one for you.";
export const signingIn = "Signing in";
export const keyMissing = "Enter an API key.";
export const keyRefused = "This key is not valid. It may be mistyped, expired or revoked.";
export const cookieRefused =
  "The key is valid, but the browser did not keep the session cookie. Open this page over HTTPS or on localhost.";
