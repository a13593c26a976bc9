import type { Locator } from "playwright-core";
import { expect } from "vitest";
import type { Stand } from "./stand.ts";

/** More than any view has to offer, so that a way that never comes to its end does. */
const MOST_STEPS = 120;

/** Works the page as somebody without a mouse does, and sees to it that they always see where they are. */
export function useKeyboard(stand: Stand) {
  const press = async (key: string, times = 1) => {
    for (let i = 0; i < times; i++) await stand.page.keyboard.press(key);
  };
  const type = (text: string) => stand.page.keyboard.type(text);

  /** Goes on with Tab, or another key, until the wanted control has the focus; every one on the way shows that it has it. */
  async function goTo(wanted: Locator, key = "Tab"): Promise<void> {
    const passed: string[] = [];
    await wanted.waitFor({ state: "attached" });
    while (!(await hasFocus(wanted))) {
      if (passed.length === MOST_STEPS)
        throw new Error(`${key} does not lead to ${wanted}, but to ${passed.join(", ")}`);
      await press(key);
      const { name, isSeen } = await stand.page.evaluate(describeFocus);
      passed.push(name);
      expect(isSeen, `the focus is seen on ${name}`).toBe(true);
    }
  }

  return {
    press,
    type,
    goTo,
    /** As `goTo`, then presses Enter, or another key, on it. */
    async use(wanted: Locator, key = "Enter") {
      await goTo(wanted);
      await press(key);
    },
    /** Types that in place of what is in the field. */
    async fill(field: Locator, text: string) {
      await goTo(field);
      await press("ControlOrMeta+A");
      await (text === "" ? press("Delete") : type(text));
    },
    /** Where the keyboard goes on from, also after what had the focus is gone. */
    expectFocus: (on: Locator) =>
      expect.poll(() => hasFocus(on), { message: `the focus is on ${on}`, timeout: 5_000 }).toBe(true),
  };
}

/** Not that it is there: what is gone cannot have the focus. */
async function hasFocus(wanted: Locator): Promise<boolean> {
  return (await wanted.count()) > 0 && wanted.first().evaluate((element) => element === document.activeElement);
}

/** Runs in the page. Between the last control and the first the focus is on none, as it is in the browser's own controls. */
function describeFocus(): { name: string; isSeen: boolean } {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return { name: "nothing", isSeen: true };
  const text = focused.getAttribute("aria-label") ?? (focused.textContent || focused.id);
  // What is painted over, such as a checkbox, shows it at what covers it.
  const isSeen = [focused, focused.nextElementSibling].some((shown) => {
    if (shown === null) return false;
    const { outlineStyle, outlineWidth, opacity } = getComputedStyle(shown);
    const { width, height, top, bottom } = shown.getBoundingClientRect();
    const isOutlined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2 && opacity !== "0";
    return isOutlined && width > 0 && height > 0 && bottom > 0 && top < innerHeight;
  });
  return { name: `${focused.tagName.toLowerCase()} “${text.slice(0, 40)}”`, isSeen };
}
