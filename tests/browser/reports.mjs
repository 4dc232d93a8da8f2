// Reports as `spot report` writes them: of the example day, and of a day whose names attack the reader.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

import { checkReport } from "./report.mjs";

/** Runs a program; what it printed. */
function ran(program, words, options = {}) {
  const done = spawnSync(program, words.map(String), { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  assert.equal(done.status, 0, `${program} ${words.join(" ")}\n${done.stderr}`);
  return done.stdout;
}

/** The pages of one run, those of suspects with most evidence first; the index last. */
function written(where, pipeline, data, out, more = [], settings = {}) {
  const words = ["report", pipeline, "--data", data, "--out", out, "--format", "json", ...more];
  const env = { ...process.env, ...settings };
  const told = JSON.parse(ran(join(where.programs, "spot"), words, { env }));
  const folder = join(told.page, "..");
  return [...told.reports.map((report) => join(folder, report.file)), told.page];
}

/** The steps; each stands for itself. `where`: programs, root, data, context, work, pictures, bin. */
export const reportSteps = (where, browser) => ({
  "reports of the example day, from disk, without a network, scripts off and on": async () => {
    const out = join(where.work, "reports");
    for (const pipeline of ["flow", "dns"]) {
      const pages = written(where, pipeline, where.data, out, ["--context", where.context]);
      assert.ok(pages.length > 10, "a page a suspect, and the index");
      // The first has most to show, the last is the index; all of them would take long.
      for (const page of [pages[0], pages[1], pages.at(-1)]) {
        for (const scripts of [false, true]) await checkReport(chromium, page, { scripts });
      }
      await picture(browser, pages[0], join(where.pictures, `${pipeline}-report-page.png`));
    }
  },

  "a span of the day is one of UTC, whichever zone its axis is labelled in": async () => {
    for (const zone of ["America/New_York", "Asia/Kolkata"]) {
      for (const pipeline of ["flow", "dns"]) {
        const out = join(where.work, "reports-zone");
        const [page] = written(where, pipeline, where.data, out, ["--context", where.context], { SPOT_ZONE: zone });
        await checkReport(chromium, page, { scripts: true, zone });
      }
    }
  },

  "a report of a day of known payloads runs nothing": async () => {
    const data = join(where.work, "payloads");
    ran(join(where.bin, "python3"), [join(where.root, "tests/python/hostile_day.py"), data]);
    const story = ["--title", "<script>alert(1)</script>", "--text", "<img src=x onerror=alert(1)>"];
    ran(join(where.programs, "spot"), ["save", "flow", "--data", data, "--anchor", "10.0.0.5", ...story]);
    const out = join(where.work, "payload-reports");
    for (const pipeline of ["flow", "dns"]) {
      const pages = written(where, pipeline, data, out);
      for (const page of [pages[0], pages.at(-1)]) {
        for (const scripts of [false, true]) await checkReport(chromium, page, { scripts });
      }
      // One of a name that attacks, too.
      const other = pages.find((page) => page.includes("query-"));
      if (other) await checkReport(chromium, other, { scripts: true });
    }
  },

  "and neither does the notebook's own page of it": async () => {
    const data = join(where.work, "payloads");
    for (const notebook of ["Flow", "DNS"]) {
      const name = `payloads-${notebook}.html`;
      const words = ["nbconvert", "--execute", "--to", "html", join(where.root, `notebooks/${notebook}_Threat_Investigation.ipynb`)];
      const env = { ...process.env, ...where.kernels, SPOT_DATA: data, SPOT_ANCHOR: "10.0.0.5", SPOT_TOP_RESULTS: "1000" };
      ran(join(where.bin, "jupyter"), [...words, "--output-dir", where.work, "--output", name], { cwd: where.root, env });
      const complaints = await opened(browser, join(where.work, name));
      assert.deepEqual(complaints, []);
    }
  },

  "50,000 flows are one page of less than 5 MB": async () => {
    const data = join(where.work, "busy");
    const make = "import sys; from pathlib import Path; import report; report.busy_day(Path(sys.argv[1]))";
    const env = { ...process.env, PYTHONPATH: [join(where.root, "benches"), join(where.root, "tests/python")].join(":") };
    ran(join(where.bin, "python3"), ["-c", make, data], { env });
    const [page] = written(where, "flow", data, join(where.work, "busy-report"), ["--anchor", "10.0.0.5"]);
    const told = ran("stat", ["-c", "%s", page]);
    assert.ok(Number(told) < 5_000_000, told);
    for (const scripts of [false, true]) {
      const begin = Date.now();
      await opened(browser, page, { scripts, ready: "section.table tbody tr" });
      console.log(`figure: 50,000 flows, scripts ${scripts ? "on" : "off"}: ${Number(told)} bytes, ${Date.now() - begin} ms until its rows are seen`);
    }
    await checkReport(chromium, page, { scripts: true });
  },
});

/** Opens a page with the network off; what it complained of, asked for or ran. */
async function opened(browser, file, { scripts = true, ready = "body" } = {}) {
  const context = await browser.newContext({ offline: true, javaScriptEnabled: scripts, viewport: { width: 1240, height: 1400 } });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (asked !== url && !asked.startsWith("data:")) complaints.push(`request: ${asked}`);
  });
  await page.goto(url);
  await page.locator(ready).first().waitFor();
  await context.close();
  return complaints;
}

/** The first screens of a page. */
async function picture(browser, file, path) {
  mkdirSync(join(path, ".."), { recursive: true });
  const context = await browser.newContext({ offline: true, viewport: { width: 1240, height: 1700 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.screenshot({ path });
  await context.close();
}
