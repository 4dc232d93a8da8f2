// One of each control: clicked, typed into, moved; what the handler in Rust was told stands in the panel.

import assert from "node:assert/strict";

/** What somebody does to a control, and what Rust was told then; in the order of the tabs. */
const DEEDS = {
  Numbers: [
    ["a slider", (on) => on.handle("slider").press("ArrowRight"), "slider: 1"],
    ["a slider with two ends", (on) => on.handle("part").press("ArrowLeft"), "part: 1.9..=6.0"],
    ["a bounded number", (on) => on.type("bounded", "4"), "bounded: 4"],
    ["a number out of its bounds", (on) => on.type("bounded", "99"), "bounded: 5"],
    ["a whole number", (on) => on.type("whole", "-7"), "whole: -7"],
    ["a number", (on) => on.type("real", "2.25"), "real: 2.25"],
  ],
  Choices: [
    ["a dropdown", (on) => on.row("dropdown").locator("select").selectOption({ index: 1 }), 'dropdown: Some("bee")'],
    ["a radio button", (on) => on.row("radio").locator("input").nth(2).check(), 'radio: Some("cat")'],
    ["a list", (on) => on.row("list").locator("select").selectOption({ index: 2 }), 'list: Some("cat")'],
    [
      "several of a list",
      (on) => on.row("several").locator("select").selectOption([{ index: 0 }, { index: 2 }]),
      "several: [0, 2]",
    ],
    ["a row of buttons", (on) => on.row("buttons").getByRole("button", { name: "bee" }).click(), 'buttons: Some("bee")'],
    ["a slider over words", (on) => on.handle("steps").press("ArrowRight"), 'steps: Some("bee")'],
  ],
  Words: [
    ["a line", (on) => on.type("line", "<b>it's</b>"), `line: "<b>it's</b>"`],
    ["several lines", (on) => on.row("lines").locator("textarea").fill("a\nb"), 'lines: "a\\nb"'],
    ["a password", (on) => on.type("secret", "12345"), "secret: 5"],
    ["a line with proposals", (on) => on.type("combo", "bee"), 'combo: "bee"'],
    ["tags", (on) => on.write(on.panel.locator(".jupyter-widget-tagsinput input"), "new"), 'tags: ["new"]'],
    ["a colour", (on) => on.type("colour", "#00ff00", "input[type=text]"), 'colour: "#00ff00"'],
  ],
  Others: [
    ["a box to tick", (on) => on.panel.getByRole("checkbox").check(), "tick: true"],
    ["a button that stays down", (on) => on.panel.getByRole("button", { name: "toggle" }).click(), "toggle: true"],
    ["a day", (on) => on.row("day").locator("input").fill("2024-02-29"), "day: Some(2024-02-29)"],
    ["a time", (on) => on.row("time").locator("input").fill("23:59"), "time: Some(23:59:00)"],
    [
      "a moment",
      (on) => on.row("moment").locator("input").fill("2024-02-29T12:30"),
      "moment: Some(2024-02-29T12:30:00)",
    ],
    ["a button", (on) => on.panel.getByRole("button", { name: "press" }).click(), 'press: "once"'],
    [
      "a file",
      async (on) => {
        const [asked] = await Promise.all([
          on.panel.page().waitForEvent("filechooser"),
          on.panel.getByRole("button", { name: "Upload" }).click(),
        ]);
        await asked.setFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from([0, 255, 10]) });
      },
      'files: [("a.csv", 3)]',
    ],
  ],
  Pad: [
    ["a game controller is plugged in", (on) => on.pad({}), '"Stick": 2 axes, 1 buttons'],
    ["its axis is moved", (on) => on.pad({ axes: [0, -0.5] }), "axis: -0.5"],
    ["its button is pressed", (on) => on.pad({ axes: [0, -0.5], pressed: true }), "pressed: true"],
  ],
};

/** A panel in a page. */
class Controls {
  constructor(panel) {
    this.panel = panel;
  }

  row(name) {
    return this.panel.locator(`.lm-Widget:has(> label:text-is("${name}"))`);
  }

  handle(name) {
    return this.row(name).locator(".noUi-handle").first();
  }

  async type(name, text, input = "input") {
    await this.write(this.row(name).locator(input).first(), text);
  }

  /** What the page is told of a game controller from now on. */
  async pad({ axes = [0, 0], pressed = false }) {
    await this.panel.page().evaluate(
      ([axes, pressed]) => {
        const buttons = [{ value: Number(pressed), pressed }];
        const pad = { index: 0, id: "Stick", mapping: "standard", connected: true, timestamp: 0, axes, buttons };
        navigator.getGamepads = () => [pad];
      },
      [axes, pressed],
    );
  }

  /** Key by key, as somebody does: some controls hear nothing of what is put there at once. */
  async write(field, text) {
    await field.fill("");
    await field.pressSequentially(text);
    await field.press("Enter");
    await field.press("Tab");
  }
}

/** Does all of it in the panel at `panel`; `picture` takes one of each tab. */
export async function useEach(panel, picture) {
  const on = new Controls(panel);
  for (const [tab, deeds] of Object.entries(DEEDS)) {
    await panel.getByRole("tab", { name: tab }).click();
    for (const [what, deed, told] of deeds) {
      await deed(on);
      const heard = panel.locator(".widget-label", { hasText: told }).first();
      await heard.waitFor().catch(async () => {
        const last = await panel.locator(".widget-label").first().textContent();
        assert.fail(`${what}: Rust was told ${last}, not ${told}`);
      });
    }
    await picture(tab.toLowerCase());
  }
}

// What Voila 0.5 and Notebook 7 say of themselves on any page: things of theirs that they ask the network for, an
// extension that JupyterLab does not share with Voila, settings of a plugin that Notebook does not have.
const THEIRS = ["net::ERR_", "#RUNTIME-012", "(reading 'schema')"];
const ours = (errors) => errors.filter((error) => !THEIRS.some((part) => error.includes(part)));

/** The steps in Voila, which shows outputs alone. */
export const voilaSteps = (where) => ({
  "Voila: one of each control is used, and Rust is told": async ({ author }) => {
    await author.page.goto(where.lab.page());
    const panel = author.page.locator(".jupyter-widgets.widget-vbox", { has: author.page.getByRole("tab") }).first();
    await panel.waitFor();
    await useEach(panel, async (tab) => {
      await author.page.screenshot({ path: where.picture(`voila-${tab}.png`) });
    });
  },

  "Voila: the page never complained of us": async ({ author }) => {
    assert.deepEqual(ours(author.errors), []);
  },
});

/** The steps in Notebook 7. */
export const notebookSteps = (where) => ({
  "Notebook 7: run all, and a control tells Rust": async ({ author }) => {
    await author.open(where.lab.page(where.notebook));
    const idle = author.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]');
    // What is asked of it before, or while it asks the kernel who it is, is forgotten.
    const begun = author.page.locator(".jp-InputPrompt", { hasText: /\[(\*|\d+)\]/ }).first();
    for (let tries = 0; tries < 5 && !(await begun.isVisible()); tries += 1) {
      await idle.waitFor();
      await author.page.getByRole("menuitem", { name: "Run", exact: true }).click();
      await author.page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
      await begun.waitFor({ timeout: 10_000 }).catch(() => {});
    }
    const panel = author.panel();
    await panel.waitFor();
    // The page goes to the last cell when all have run. (And arrows are the page's own there.)
    await author.page.locator(".jp-InputPrompt", { hasText: "[2]" }).waitFor();
    await idle.waitFor();
    const on = new Controls(panel);
    const [, deed, told] = DEEDS.Numbers[2];
    await deed(on);
    await panel.locator(".widget-label", { hasText: told }).first().waitFor();
    await author.page.screenshot({ path: where.picture("notebook-7.png") });
  },

  "Notebook 7: the page never complained of us": async ({ author }) => {
    assert.deepEqual(ours(author.errors), []);
  },
});

/** The steps in JupyterLab. `where`: lab, notebook, picture, until. */
export const controlSteps = (where) => ({
  "linked traits follow each other, in Rust and in the page": async ({ author }) => {
    await author.open(where.lab.page(where.notebook));
    await author.runAll();
    const linked = author.linked();
    const field = linked.locator("input[type=number]");
    await field.fill("77");
    await field.press("Enter");
    await linked.locator(".widget-readout", { hasText: "77" }).waitFor();
    const bar = linked.locator(".progress-bar");
    await where.until(async () => (await bar.getAttribute("style")).includes("77%"));
  },

  "one of each control is used, and Rust is told": async ({ author }) => {
    await useEach(author.panel(), (tab) => author.picture(where.picture(`controls-${tab}.png`), { top: false }));
  },

  "the page never complained": async ({ author }) => {
    assert.deepEqual(author.errors, []);
  },
});
