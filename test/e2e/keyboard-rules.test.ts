import { expect, test } from "vitest";
import { useKeyboard } from "./keyboard.ts";
import { useStand } from "./stand.ts";

// The rules by keyboard alone, from a page that has just been opened.

const stand = useStand();
const { press, type, goTo, use, fill, expectFocus } = useKeyboard(stand);

const button = (name: string | RegExp) => stand.page.getByRole("button", { name });
const label = (name: string) => stand.page.getByLabel(name, { exact: true });
const radio = (name: RegExp) => stand.page.getByRole("radio", { name });
const checkbox = (name: string) => stand.page.getByRole("checkbox", { name });
const group = (name: string) => stand.page.getByRole("group", { name, exact: true });
const title = () => stand.page.getByRole("heading", { level: 2, name: "Rules", exact: true });
const changes = () => stand.page.getByRole("heading", { name: "What will change" });
const week = () => stand.page.getByRole("application", { name: "The week’s quiet hours" });
const saved = () => stand.page.getByText("Saved.", { exact: true }).waitFor();
const rules = async () =>
  (await (await stand.api.call("GET", `/projects/${stand.projectId}/rules`)).json()) as Record<string, unknown>;
const changeRules = (change: Record<string, unknown>) =>
  stand.api.call("PATCH", `/projects/${stand.projectId}/rules`, change);
const saveByKeyboard = async () => {
  await use(button("Save"));
  await saved();
  await expectFocus(changes());
};

test("every rule is set, looked at as a whole, and saved", async () => {
  await stand.open("rules");
  await goTo(stand.page.getByRole("slider"));
  await press("ArrowLeft", 3);
  expect(await label("Percent").inputValue()).toBe("97");
  await fill(label("Percent"), "30");
  await goTo(radio(/^Everything/));
  await press("ArrowDown");
  await goTo(radio(/^Go on as last known/));
  await press("ArrowDown", 2);
  await fill(label("Dollars a day"), "100");
  await fill(label("Dollars a run"), "0.0125");
  await fill(label("Time zone"), "Europe/Zurich");
  await press("Escape"); // closes the browser's list of zones
  await use(button("Add quiet hours"), "Space");
  await goTo(checkbox("Saturday"), "Shift+Tab");
  await press("Space");
  await use(checkbox("Sunday"), "Space");
  await fill(label("From"), "23:00");
  await fill(label("To"), "05:30");
  await goTo(radio(/^No$/));
  await press("ArrowDown");
  const words = await stand.page.getByRole("form", { name: "What will change" }).textContent();
  const quiet = "Mon, Tue, Wed, Thu, Fri 23:00–05:30";
  for (const after of ["30 %", "Metadata only", "Trace", "$100", "$0.0125", "Europe/Zurich", quiet, "yes"])
    expect(words).toContain(`→ ${after}`);
  await goTo(label("Reason (optional)"));
  await type("nights are quiet");
  await saveByKeyboard();
  expect(await rules()).toMatchObject({
    sample_rate: 0.3,
    capture: "metadata",
    when_unavailable: "trace",
    daily_budget_usd: "100.00",
    run_cost_usd: "0.0125",
    time_zone: "Europe/Zurich",
    schedule: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "23:00", to: "05:30" }],
    production: true,
  });
});

test("in production a save without a reason says so, and goes through with one", async () => {
  await changeRules({ production: true, reason: "goes live" });
  await stand.open("rules");
  await fill(label("Percent"), "50");
  await use(button("Save"));
  await stand.shown(/Is required for a project marked production/);
  await expectFocus(button("Save"));
  await goTo(label("Reason"), "Shift+Tab");
  await type("cost");
  await press("Enter");
  await saved();
  await expectFocus(changes());
});

test("hours are marked in the picture of the week with the arrow keys, and added", async () => {
  await stand.open("rules");
  await goTo(week());
  await stand.shown("Marked: Mon 00:00–01:00.");
  await press("ArrowDown");
  await press("ArrowRight");
  await stand.shown("Marked: Tue 01:00–02:00.");
  await press("Shift+ArrowDown", 2);
  await press("Shift+ArrowRight", 3);
  await stand.shown("Marked: Tue, Wed, Thu 01:00–05:00.");
  await stand.expectAccessible("rules-marked");
  await press("Enter");
  await stand.shown("Quiet: Tue, Wed, Thu 01:00–05:00.");
  await expectFocus(week());
  await press("ArrowLeft", 5);
  await press("ArrowUp", 9);
  await stand.shown("Marked: Mon 00:00–01:00.");
  await press("Space");
  await saveByKeyboard();
  expect((await rules()).schedule).toEqual([
    { days: ["tue", "wed", "thu"], from: "01:00", to: "05:00" },
    { days: ["mon"], from: "00:00", to: "01:00" },
  ]);
});

test("every cell of the picture is reached, and the edge is no way out but Tab is", async () => {
  await stand.open("rules");
  await goTo(week());
  const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const two = (hour: number) => String(hour).padStart(2, "0");
  for (const [row, day] of days.entries()) {
    for (let step = 0; step < 24; step++) {
      const hour = row % 2 === 0 ? step : 23 - step;
      expect(await stand.page.locator(".marked").textContent()).toBe(
        `Marked: ${day} ${two(hour)}:00–${two(hour + 1)}:00.`,
      );
      await press(row % 2 === 0 ? "ArrowRight" : "ArrowLeft");
    }
    await press("ArrowDown");
  }
  await press("Tab");
  await expectFocus(radio(/^No$/));
  expect(await stand.page.locator(".marked").textContent()).toBe("");
});

test("quiet hours are removed; there is room for 21, and the button that adds them keeps the focus", async () => {
  const night = { days: ["mon"], from: "22:00", to: "06:00" };
  await changeRules({ schedule: Array.from({ length: 20 }, () => night) });
  await stand.open("rules");
  await goTo(button("Add quiet hours"), "Shift+Tab");
  await press("Enter");
  await stand.shown("There is room for 21.");
  await expectFocus(button("Add quiet hours"));
  await press("Enter");
  expect(await stand.page.getByRole("group", { name: /^Quiet hours \d+$/ }).count()).toBe(21);
  await goTo(button("Remove quiet hours 21"), "Shift+Tab");
  await press("Space");
  await group("Quiet hours 21").waitFor({ state: "detached" });
  await expectFocus(button("Add quiet hours"));
  await goTo(week());
  await press("Enter");
  await expectFocus(week());
  await group("Quiet hours 21").waitFor();
});

test("what is not a number is gone back to, and all of it is discarded", async () => {
  await stand.open("rules");
  await fill(label("Percent"), "lots");
  await use(button("Save"));
  await expectFocus(label("Percent"));
  await use(button("Discard"));
  await expectFocus(changes());
  expect(await label("Percent").inputValue()).toBe("100");
});

test("what somebody else has changed meanwhile is shown, and saved upon", async () => {
  await stand.open("rules");
  await fill(label("Percent"), "50");
  await changeRules({ capture: "metadata" });
  await use(button("Save"));
  await stand.shown(/^Somebody else changed this project meanwhile/);
  await expectFocus(button("Save"));
  await press("Enter");
  await saved();
  await expectFocus(changes());
  expect(await rules()).toMatchObject({ sample_rate: 0.5, capture: "metadata" });
});

test("a lock that comes in between leaves the focus at the heading", async () => {
  const lock = (method: string) =>
    stand.api.call(method, `/projects/${stand.projectId}/lock`, { reason: "legal hold" });
  await stand.open("rules", await stand.stack.createKey({ name: "Grace", scopes: ["write"] }));
  await fill(label("Percent"), "50");
  await lock("PUT");
  await stand.shown(/Only a key with the admin scope/);
  await expectFocus(title());
  await lock("DELETE");
  await goTo(button("Save"));
  await lock("PUT");
  await stand.shown(/Only a key with the admin scope/);
  await expectFocus(title());
});

test("rules that could not be read are asked for again", async () => {
  await stand.page.route("**/api/**/rules", (route) => route.abort());
  await stand.open("rules");
  await goTo(button("Try again"));
  await stand.page.unroute("**/api/**/rules");
  await press("Enter");
  await expectFocus(title());
  await goTo(stand.page.getByRole("slider"));
});
