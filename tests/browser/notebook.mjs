// The notebook's page as a person knows it. Every selector of these tests is in this file.

// Patience, not a measure: a machine that builds something else meanwhile is slow.
const PATIENCE = Number(process.env.PATIENCE ?? 180) * 1000;

export class Notebook {
  constructor(page) {
    this.page = page;
    /** What the page complained of. */
    this.errors = [];
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => this.errors.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(`console: ${message.text()}`);
    });
  }

  async open(url) {
    await this.page.goto(url);
    await this.opened();
  }

  async opened() {
    await this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first().waitFor();
  }

  async reload() {
    await this.page.reload();
    await this.opened();
  }

  /** Answers JupyterLab's question for a kernel as somebody does who has none. */
  async withoutKernel() {
    const dialog = this.page.locator(".jp-Dialog");
    await dialog.getByRole("button", { name: "No Kernel", exact: true }).click();
  }

  async kernelIdle() {
    // The toolbar's circle is empty before there is a kernel, too; the status bar is not.
    await this.page.locator("#jp-main-statusbar").getByText(/\| Idle$/).waitFor();
  }

  async runAll() {
    await this.kernelIdle();
    await this.page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await this.page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    await this.allRan();
  }

  /** Runs the cell that holds `code` again. */
  async run(code) {
    const cell = this.page
      .locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", { hasText: code }).first();
    const prompt = await cell.locator(".jp-InputPrompt").elementHandle();
    const before = await prompt.textContent();
    await cell.locator(".jp-InputArea-editor").click();
    await this.page.keyboard.press("Control+Enter");
    await this.page.waitForFunction(
      ([prompt, before]) => /\[\d+\]/.test(prompt.textContent) && prompt.textContent !== before,
      [prompt, before],
    );
    await this.kernelIdle();
  }

  async allRan() {
    await this.page.waitForFunction(() => {
      const cells = [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")];
      const prompts = cells.map((cell) => cell.querySelector(".jp-InputPrompt").textContent);
      return prompts.length > 0 && prompts.every((text) => /\[\d+\]/.test(text));
    });
    await this.kernelIdle();
  }

  // The panel.
  panel() {
    return this.page
      .locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output .jupyter-widgets.widget-vbox")
      .first();
  }
  /** Widgets side by side, outside of a panel. */
  linked() {
    return this.page
      .locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output .jupyter-widgets.widget-hbox")
      .first();
  }
  suspects() {
    return this.panel().locator(".widget-select").first().locator("select");
  }
  other() {
    return this.panel().getByPlaceholder("Other address");
  }
  button(name) {
    return this.panel().getByRole("button", { name, exact: true });
  }
  title() {
    return this.panel().locator(".widget-text", { hasText: "Title" }).locator("input");
  }
  comments() {
    return this.panel().locator(".widget-textarea textarea");
  }

  async suspectLabels() {
    await this.suspects().locator("option").first().waitFor({ state: "attached" });
    const labels = await this.suspects().locator("option").allTextContents();
    return labels.map((label) => label.replaceAll("\u00a0", " "));
  }

  /** Text shown inside the panel, controls aside. */
  async panelSays(text) {
    await this.panel().locator(".widget-html", { hasText: text }).first().waitFor();
  }

  /** A result in the panel itself: the mirror for pages that no longer get a cell's outputs. */
  mirror(text) {
    return this.panel().locator(".widget-html", { hasText: text }).filter({
      has: this.page.locator("details"),
    });
  }

  /** Opens a section of the accordion; its rows and their buttons. */
  async openTable(title) {
    const section = this.panel().locator(".jupyter-widget-Collapse, .widget-accordion-child", {
      hasText: title,
    });
    await section.first().getByText(title).first().click();
    const buttons = section.first().getByRole("button", { name: "Search this", exact: true });
    await buttons.first().waitFor();
    return { rows: section.first().locator("tbody tr"), buttons };
  }

  /** An ordinary output with `text` that has a table: a result as the notebook keeps it. */
  result(text) {
    return this.page
      .locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output.jp-RenderedHTMLCommon", { hasText: text })
      .filter({ has: this.page.locator("table") });
  }

  /** What a reader sees of all results: numbers of tables and rows, and every figure. */
  async seen() {
    return this.page.evaluate(() => {
      const outputs = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output.jp-RenderedHTMLCommon";
      const all = (what) => [...document.querySelectorAll(what)];
      const inOutputs = (what) => all(outputs).flatMap((o) => [...o.querySelectorAll(what)]);
      return {
        tables: inOutputs("table").length,
        rows: inOutputs("table tr").length,
        figures: inOutputs("img").map((img) => ({ alt: img.alt, width: img.naturalWidth })),
        inlineSvg: inOutputs("svg").length,
      };
    });
  }

  async save() {
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("menuitem", { name: "File", exact: true }).click();
    await this.page.getByRole("menuitem", { name: /^Save Notebook(?! As)/ }).click();
    await this.page.locator(".lm-TabBar-tab.jp-mod-current.jp-mod-dirty").waitFor({ state: "detached" });
  }

  async picture(file, { top = true } = {}) {
    if (top) {
      await this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer").first().evaluate((e) => (e.scrollTop = 0));
    }
    await this.page.screenshot({ path: file });
  }
}
