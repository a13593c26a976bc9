import type { Locator } from "playwright-core";
import type { Stand } from "../stand.ts";

/** What goes to the server. */
export interface Sent {
  /** The request, below /api/v1. */
  sends: { method: string; path: RegExp };
  /** The table that it cannot do without; events unless said. */
  table?: string;
}

/** One thing that is done with the page: a press that sends one request. */
export interface Step extends Sent {
  name: string;
  /** The view that it is done in, below the project's address unless it begins with a slash; else that of the switch. */
  view?: string;
  /** It is done by somebody who is not signed in yet. */
  signedOut?: boolean;
  /** What there must be before. */
  arrange?: () => Promise<unknown>;
  /** Goes from the view to just before the press. */
  approach?: () => Promise<void>;
  /** What is typed, by the labels of the fields. */
  typed?: Record<string, string>;
  button: () => Locator;
  /** Says that it is under way. */
  underWay: () => Locator;
  /** Under this name its state under way is looked at. */
  picture?: string;
  /** Says that it is done. */
  done: () => Locator;
  /** What the view shows of it from then on. */
  saved: () => Locator;
  /** What the history then says was done; null where it says nothing. */
  logged: string | null;
  /** What of the stores is then so. */
  after: object;
  /** Another press soon after the first is taken for the second of a double click. */
  guarded?: boolean;
  /** Comes with an Idempotency-Key. */
  once?: boolean;
  /** A lock keeps whoever is no admin from it, until the lock is lifted. */
  lockable?: boolean;
}

/** In the name of everything that is made here beside projects of the stand. */
export const MARK = "Marked";

/** How soon that is. */
export const DOUBLE_PRESS_MS = 700;

/** How things are found on the page. */
export function inPage(stand: Stand) {
  const dialog = () => stand.page.getByRole("dialog");
  return {
    button: (name: string | RegExp) =>
      stand.page.getByRole("button", { name, ...(typeof name === "string" && { exact: true }) }),
    text: (text: string | RegExp) => stand.page.getByText(text, { exact: true }).first(),
    dialog,
    label: (name: string) => stand.page.getByLabel(name, { exact: true }),
    underWayInDialog: () => dialog().getByText(/^Under way/),
    alert: (text: RegExp) => stand.page.getByRole("alert").filter({ hasText: text }),
    /** In the dialog, where one is open. */
    field: async (label: string) =>
      ((await dialog().count()) > 0 ? dialog() : stand.page).getByLabel(label, { exact: true }),
  };
}
