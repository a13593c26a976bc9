export const confirmTitle = (on: boolean) => `Turn tracing ${on ? "on" : "off"} in production?`;
export const confirmText = (name: string, on: boolean, time: string | null) =>
  `“${name}”: tracing goes ${on ? "on" : "off"} ${time === null ? "until somebody changes it" : `until ${time}`}.`;
export const confirmEndTitle = "End it now, in production?";
export const confirmEndText = (name: string) => `“${name}”: what the switch and the rules say applies again.`;
export const confirmSwitch = (on: boolean) => `Turn ${on ? "on" : "off"}`;
export const cancel = "Cancel";
export const underWay = "Under way. It cannot be taken back any more.";
export const reasonMissing = "Say why.";
export const lockTitle = "Lock this project off?";
export const lockText =
  "Nobody is traced, users set to “always” included, and only an admin can change the project until the lock is lifted.";
export const unlockTitle = "Lift the lock?";
export const unlockText = "What the switch and the rules say applies again.";
