// A real Chromium on a real JupyterLab: from Run All to a story that a colleague reads.
//
//   cargo xtask test --only browser
//   node tests/browser/run.mjs --update-screenshots    (after a first run of the line above)

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

import { controlSteps, notebookSteps, voilaSteps } from "./controls.mjs";
import { edgeSteps } from "./edge.mjs";
import { startLab, startVoila } from "./lab.mjs";
import { startServer } from "./server.mjs";
import { Notebook } from "./notebook.mjs";
import { reportSteps } from "./reports.mjs";
import { dns, flow } from "./walks.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = process.env.JUPYTER ?? join(root, ".venv/bin");
const data = process.env.EXAMPLE_DAY ?? join(root, "target/example-day");
const programs = process.env.PROGRAMS ?? join(root, "target/release");
const context = join(root, "context");
// One part alone: --only=reports, walks, edges, controls, served.
const only = process.argv.find((word) => word.startsWith("--only="))?.slice(7);
const wanted = (part) => !only || only === part;
const update = process.argv.includes("--update-screenshots");
const work = mkdtempSync(join(tmpdir(), "spot-browser-"));
const pictures = update ? join(root, "docs") : join(root, "target/screenshots");
// Without the last four Chromium asks the network for news of itself.
const flags = ["--disable-gpu", "--no-first-run", "--disable-quic"];
flags.push("--disable-background-networking", "--disable-component-update", "--disable-sync");

const TITLE = `Beacon "C2" <script>alert(1)</script> 🛰`;
const COMMENTS = "Every ten minutes, all day.\nAsk who owns the host; O'Brien knows.";

const LATER = "Written while the server was killed.";

// Not the kernels and settings of whoever runs this.
const kernels = { JUPYTER_PREFER_ENV_PATH: "1", JUPYTER_CONFIG_DIR: join(work, "config") };

const folder = join(work, "notebooks");
const stories = join(work, "stories");
for (const path of [folder, stories, pictures]) mkdirSync(path, { recursive: true });

const count = { passed: 0, failed: 0, skipped: 0 };

/** The steps that ask the store for something. */
const SERVED = [
  "run all, and the list shows who was scored high",
  "choose and search: the day of an address appears below",
  "each row can be searched, and there is a way back",
  "title, comments, save: it says what was written and the list follows",
  "a server killed in mid search and in mid save costs nothing but the answer",
  "the author's page never complained",
];

/** The steps of one investigation, each standing on the one before. */
const steps = (walk, shared) => ({
  "run all, and the list shows who was scored high": async ({ author }) => {
    await author.open(shared.lab.page(walk.notebook));
    await author.runAll();
    const labels = await author.suspectLabels();
    assert.ok(labels.length > 1, "an example day has suspects");
    walk.checkList(labels);
    await author.picture(shared.picture(`${walk.picture}-list.png`));
  },

  "choose and search: the day of an address appears below": async ({ author }) => {
    const labels = await author.suspectLabels();
    shared.anchor = labels[walk.choose].split(" ")[0];
    await author.suspects().selectOption({ index: walk.choose });
    await author.button("Search").click();
    await author.result(shared.anchor).first().waitFor();
    const seen = await author.seen();
    assert.ok(seen.tables >= walk.tables, `${walk.tables} tables, found ${seen.tables}`);
    assert.ok(seen.figures.length >= 1, "a timeline");
    for (const figure of seen.figures) {
      assert.ok(figure.width > 0, `figure "${figure.alt}" does not load`);
      assert.ok(figure.alt, "a figure without words for those who cannot see it");
    }
    assert.equal(await author.mirror(shared.anchor).count(), 0, "a result is not shown twice");
  },

  "each row can be searched, and there is a way back": async ({ author }) => {
    const { rows, buttons } = await walk.rows(author);
    const found = await rows.count();
    assert.equal(await buttons.count(), found, "a button for each row");
    for (const at of [0, found - 1]) {
      const [row, button] = [await rows.nth(at).boundingBox(), await buttons.nth(at).boundingBox()];
      const middle = (box) => box.y + box.height / 2;
      assert.ok(Math.abs(middle(row) - middle(button)) < 4, `the button of row ${at} is beside it`);
    }
    await author.picture(shared.picture(`${walk.picture}-rows.png`), { top: false });
    const other = await walk.otherOf(rows.nth(walk.row));
    await buttons.nth(walk.row).click();
    await author.panelSays(`Shown: ${other}`);
    await author.result(other).first().waitFor();
    await author.button(`Back to ${shared.anchor}`).click();
    await author.panelSays(`Shown: ${shared.anchor}`);
  },

  "title, comments, save: it says what was written and the list follows": async ({ author }) => {
    const before = await author.suspectLabels();
    await author.title().fill(TITLE);
    await author.comments().fill(COMMENTS);
    await author.button("Save").click();
    await author.panelSays(walk.files[0]);
    const files = readdirSync(shared.stories, { recursive: true }).map(String);
    for (const part of walk.files) {
      assert.ok(files.some((name) => name.includes(part)), `${part}: ${files.join("\n")}`);
    }
    const after = await until(async () => {
      const labels = await author.suspectLabels();
      return labels.join() !== before.join() && labels;
    });
    const line = after.find((label) => label.startsWith(`${shared.anchor} `));
    assert.ok(line === undefined || line.endsWith("saved"), line);
    await author.result("O'Brien knows").first().waitFor();
    await author.picture(shared.picture(`${walk.picture}.png`), { top: false });
  },

  "the saved file is the report: results, no widget state": async ({ author }) => {
    await author.save();
    const file = join(folder, walk.notebook);
    const saved = JSON.parse(readFileSync(file, "utf8"));
    assert.equal(saved.metadata.widgets, undefined);
    const outputs = saved.cells.flatMap((cell) => cell.outputs ?? []);
    const bundles = outputs.map((output) => output.data ?? {});
    const text = (bundle) => [bundle["text/html"] ?? ""].flat().join("");
    const results = bundles.filter((b) => text(b).includes("<table") && text(b).includes(shared.anchor));
    assert.ok(results.length >= 1, "the result is in the file");
    for (const bundle of results) {
      assert.equal(bundle["application/vnd.jupyter.widget-view+json"], undefined);
      assert.doesNotMatch(text(bundle), /<script|<style|<svg|var\(--/);
    }
    shared.seen = await author.seen();
    copyFileSync(file, join(work, "reader", walk.notebook));
  },

  "a colleague without our kernel reads it, untrusted": async ({ browser }) => {
    const lab = await startLab({
      bin,
      folder: join(work, "reader"),
      home: join(work, `colleague-${walk.picture}`),
      kernels: false,
    });
    const page = await browser.newPage();
    try {
      const reader = new Notebook(page);
      await reader.open(lab.page(walk.notebook));
      await reader.withoutKernel();
      await reader.result(shared.anchor).first().waitFor();
      const seen = await until(async () => {
        const seen = await reader.seen();
        return seen.figures.every((figure) => figure.width > 0) && seen;
      });
      assert.deepEqual(
        [seen.tables, seen.rows, seen.figures.map((f) => f.alt)],
        [shared.seen.tables, shared.seen.rows, shared.seen.figures.map((f) => f.alt)],
      );
      assert.ok(await page.getByText("O'Brien knows").count(), "the story is read, too");
      assert.deepEqual(reader.errors, []);
      await reader.picture(join(pictures, `${walk.picture}-reader.png`));
    } finally {
      await page.close();
      await lab.stop();
    }
  },

  "after a reload the panel is back and shows the next result itself": async ({ author }) => {
    await author.reload();
    const labels = await until(async () => {
      const labels = await author.suspectLabels();
      return labels.length > 0 && labels;
    });
    const anchors = labels.slice(walk.choose).map((label) => label.split(" ")[0]);
    shared.next = anchors.find((anchor) => anchor !== shared.anchor);
    const index = labels.findIndex((label) => label.startsWith(`${shared.next} `));
    await author.suspects().selectOption({ index });
    await author.button("Search").click();
    await author.mirror(shared.next).first().waitFor();
  },

  "running the cell again puts results into the notebook as before": async ({ author }) => {
    await author.run("start_investigation(");
    await until(async () => (await author.mirror(shared.next).count()) === 0);
    await author.other().fill(shared.next);
    await author.other().press("Enter");
    await author.button("Search").click();
    await author.result(shared.next).first().waitFor();
    assert.equal(await author.mirror(shared.next).count(), 0);
  },

  "the night run's page, opened with the network off, asks for nothing": async ({ browser }) => {
    const made = spawnSync(
      join(bin, "jupyter"),
      ["nbconvert", "--execute", "--to", "html", join(root, "notebooks", walk.notebook), "--output-dir", work, "--output", "page.html"],
      {
        cwd: root,
        encoding: "utf8",
        env: {
          ...process.env,
          ...kernels,
          SPOT_DATA: data,
          SPOT_CONTEXT: context,
          SPOT_OUT: stories,
          SPOT_ANCHOR: shared.anchor,
        },
      },
    );
    assert.equal(made.status, 0, made.stderr);
    const offline = await browser.newContext({ viewport: { width: 1200, height: 1500 }, offline: true });
    const page = await offline.newPage();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const nightly = new Notebook(page);
    const url = pathToFileURL(join(work, "page.html")).href;
    await page.goto(url);
    await page.waitForLoadState("networkidle");
    const figures = await page.locator("img").evaluateAll((all) => all.map((img) => img.naturalWidth));
    assert.ok(figures.length > 0 && figures.every((width) => width > 0), `${figures}`);
    assert.ok((await page.locator("details table").count()) >= walk.tables);
    const outside = asked.filter((address) => address !== url && !address.startsWith("data:"));
    assert.deepEqual(outside, []);
    assert.deepEqual(nightly.errors, []);
    await page.screenshot({ path: join(pictures, `${walk.report}.png`) });
    await offline.close();
  },

  "a server killed in mid search and in mid save costs nothing but the answer": async ({ author }) => {
    if (!shared.server) return;
    const { server } = shared;
    const killed = async () => {
      // Time to take the question; it is not answered whenever it comes.
      await new Promise((wake) => setTimeout(wake, 500));
      await server.kill();
    };
    const search = async () => {
      await author.other().fill(shared.anchor);
      await author.other().press("Enter");
      await author.button("Search").click();
    };
    server.freeze();
    await search();
    await killed();
    await author.panelSays("cannot be reached");
    await server.again();
    await search();
    await author.panelSays(`Shown: ${shared.anchor}`);

    // The first file that the save writes ends the server.
    const ended = new Promise((resolve, reject) => {
      const seen = watch(shared.stories, { recursive: true }, () => {
        seen.close();
        server.kill().then(resolve, reject);
      });
    });
    await author.comments().fill(LATER);
    await author.button("Save").click();
    await ended;
    // Whether its answer still came is up to the machine.
    const panel = author.panel();
    const told = panel.getByText("look whether it was saved").or(panel.getByText(walk.files[0]));
    await told.first().waitFor();
    await server.again();
    await author.button("Save").click();
    await author.panelSays(walk.files[0]);
    const names = readdirSync(shared.stories, { recursive: true }).map(String);
    assert.deepEqual(names.filter((name) => /journal|\.new$/.test(name)), [], "nothing is left of it");
    const stories = names.filter((name) => /story-[^/]*\.json$/.test(name));
    const texts = stories.map((name) => JSON.parse(readFileSync(join(shared.stories, name), "utf8")).text);
    assert.ok(texts.includes(LATER), texts.join("\n"));
  },

  "the author's page never complained": async ({ author }) => {
    assert.deepEqual(author.errors, []);
  },
});

/** Asks until the answer is neither false nor null, at most a minute. */
async function until(ask) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < deadline, `waited for: ${ask}`);
    await new Promise((wake) => setTimeout(wake, 250));
  }
}

async function main() {
  mkdirSync(join(work, "reader"), { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Root may not use the sandbox; CI often is root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: flags,
  });
  try {
    const env = { SPOT_DATA: data, SPOT_CONTEXT: context, SPOT_OUT: stories };
    const picture = (name) => join(pictures, name);
    if (wanted("reports")) await reports(browser);
    if (wanted("walks")) await walks("", env, { stories, picture }, browser);
    if (wanted("edges")) await edges(env, picture, browser);
    if (wanted("controls")) await controls(env, picture, browser);
    if (!wanted("served")) return;
    // The same through a server, as far as what it does: what a page does then, it has done.
    const served = join(work, "served");
    cpSync(data, served, { recursive: true });
    const server = await startServer({ programs, data: served, context });
    try {
      const picture = (name) => join(work, name);
      const own = { stories: served, picture, steps: SERVED, server };
      await walks(" through `spot serve`", { ...server.env, SPOT_CONTEXT: context }, own, browser);
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
  }
}

/** Reports need no notebook, and no step of theirs another one. */
async function reports(browser) {
  console.log("reports");
  const where = { programs, root, data, context, work, pictures, bin, kernels };
  for (const [name, step] of Object.entries(reportSteps(where, browser))) {
    try {
      await step();
      count.passed += 1;
      console.log(`ok       ${name}`);
    } catch (error) {
      count.failed += 1;
      console.log(`FAILED   ${name}\n${error.stack}`);
    }
  }
}

async function walks(how, env, own, browser) {
  for (const walk of [flow, dns]) {
    copyFileSync(join(root, "notebooks", walk.notebook), join(folder, walk.notebook));
    // One of its own: JupyterLab opens again what was open before.
    const home = mkdtempSync(join(work, "author-"));
    const lab = await startLab({ bin, folder, home, env });
    try {
      console.log(`${walk.notebook}${how}`);
      await run(walk, { lab, ...own }, browser);
    } finally {
      await lab.stop();
    }
  }
}

async function edges(env, picture, browser) {
  for (const [pipeline, name] of [["flow", "Flow"], ["dns", "DNS"]]) {
    const notebook = `${name}_Edge_Investigation.ipynb`;
    copyFileSync(join(root, "notebooks", notebook), join(folder, notebook));
    const [home, out] = ["author-", "edge-"].map((start) => mkdtempSync(join(work, start)));
    // Nobody has scored anything: the example day has a list of its own.
    const day = join(work, `unscored-${pipeline}`);
    mkdirSync(day, { recursive: true });
    cpSync(join(data, pipeline), join(day, pipeline), { recursive: true });
    const lab = await startLab({ bin, folder, home, env: { ...env, SPOT_DATA: day, SPOT_OUT: out } });
    try {
      console.log(notebook);
      const where = { programs, data: day, out, picture, lab, notebook };
      await each(edgeSteps(pipeline, where, until), lab, browser);
    } finally {
      await lab.stop();
    }
  }
}

async function controls(env, picture, browser) {
  const notebook = "controls.ipynb";
  const home = () => mkdtempSync(join(work, "author-"));
  const of = { bin, env };
  const places = [
    [controlSteps, () => startLab({ ...of, folder, home: home() })],
    [voilaSteps, () => startVoila({ ...of, notebook: join(folder, notebook), home: home() })],
    [notebookSteps, () => startLab({ ...of, folder, home: home(), app: "notebook" })],
  ];
  console.log(notebook);
  for (const [steps, start] of places) {
    // Without what another page has saved.
    copyFileSync(join(root, "crates/evcxr_widgets/examples", notebook), join(folder, notebook));
    const lab = await start();
    try {
      await each(steps({ lab, notebook, picture, until }), lab, browser);
    } finally {
      await lab.stop();
    }
  }
}

async function run(walk, shared, browser) {
  const all = Object.entries(steps(walk, shared));
  const chosen = all.filter(([name]) => !shared.steps || shared.steps.includes(name));
  await each(Object.fromEntries(chosen), shared.lab, browser);
}

/** Each step stands on the one before. */
async function each(chosen, lab, browser) {
  const screen = await browser.newContext({ viewport: { width: 1360, height: 1500 } });
  const author = new Notebook(await screen.newPage());
  let broken = false;
  for (const [name, step] of Object.entries(chosen)) {
    if (broken) {
      count.skipped += 1;
      console.log(`skipped  ${name}`);
      continue;
    }
    try {
      await step({ author, browser });
      count.passed += 1;
      console.log(`ok       ${name}`);
    } catch (error) {
      broken = true;
      count.failed += 1;
      console.log(`FAILED   ${name}\n${error.stack}`);
      if (author.errors.length) console.log(author.errors.join("\n"));
      await author.page.screenshot({ path: join(root, "target/browser-failure.png") });
      console.log("what it looked like: target/browser-failure.png");
      console.log(lab.log().split("\n").slice(-25).join("\n"));
    }
  }
  await screen.close();
}

try {
  await main();
} catch (error) {
  count.failed += 1;
  console.log(error.stack);
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed ? 1 : 0;
