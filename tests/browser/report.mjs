// A report opened from disk in a browser without a network: what is readable without scripts, and what
// the page's own script adds.
//
//   node tests/browser/report.mjs FILE.html [FOLDER FOR PICTURES]

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Opens `file` with the network off and fails on any message in the console, any request but the file
 * itself, and anything that is not as it should be. `shots`: a folder for pictures and a PDF, or none.
 */
export async function checkReport(browserType, file, { scripts, shots, zone }) {
  const browser = await browserType.launch(options());
  try {
    const page = await opened(browser, file, { scripts, viewport: { width: 1240, height: 900 } });
    await (scripts ? withScripts(page, zone) : withoutScripts(page));
    assert.deepEqual(page.complaints, []);
    await page.context().close();
    if (shots) await pictures(browser, file, scripts, shots);
  } finally {
    await browser.close();
  }
}

/** The page, and what it complains of or asks for. */
async function opened(browser, file, { scripts, viewport, colorScheme = "light", timezoneId = "Europe/Prague" }) {
  const context = await browser.newContext({ javaScriptEnabled: scripts, viewport, colorScheme, timezoneId });
  await context.setOffline(true);
  const page = await context.newPage();
  const url = pathToFileURL(resolve(file)).href;
  page.complaints = [];
  page.on("console", (message) => page.complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) page.complaints.push(`request: ${request.url()}`);
  });
  const begin = Date.now();
  await page.goto(url, { waitUntil: "load" });
  page.took = Date.now() - begin;
  return page;
}

/** Everything that matters can be read, and nothing stands there that needs a script. */
async function withoutScripts(page) {
  // A day without rows has no table; that it is empty is said then.
  const tables = await page.locator("section.table").count();
  const seen = await page.locator("section.table tbody tr").count();
  assert.ok(tables ? seen > 0 : (await page.locator("main").innerText()).length > 0, "rows are visible");
  for (const limit of await page.locator("section.table .limit").allTextContents()) {
    assert.match(limit, /^[\d,]+ of [\d,]+ /, "every table says n of N");
  }
  assert.equal(await page.locator("button, input, select").count(), 0, "no control without its script");
  for (const svg of await page.locator(".figure svg").all()) assert.ok(await svg.isVisible());
  assert.ok(await page.locator("h1").isVisible());
}

/** Sort, filter, where a number comes from, a span of the day, zoom, zone. */
async function withScripts(page, chosen) {
  const table = page.locator("section.table").first();
  if (!(await table.count())) return;
  const rows = table.locator("tbody tr");
  const status = table.locator("output");
  assert.ok((await rows.count()) > 0, "rows are visible");

  // By keyboard: the second numeric column, then again to reverse.
  const head = table.locator("th.n").first();
  const column = await table.locator("th").evaluateAll((all) => all.findIndex((th) => th.classList.contains("n")));
  const cell = (row) => rows.nth(row).locator("td").nth(column).textContent();
  const number = (text) => Number(text.replace(/[^\d.]/g, ""));
  await head.locator("button").focus();
  await page.keyboard.press("Enter");
  const [order, top] = [await head.getAttribute("aria-sort"), number(await cell(0))];
  await page.keyboard.press("Enter");
  const [reversed, bottom] = [await head.getAttribute("aria-sort"), number(await cell(0))];
  assert.deepEqual(new Set([order, reversed]), new Set(["ascending", "descending"]));
  assert.ok(order === "descending" ? top >= bottom : top <= bottom, `${top} ${order}, then ${bottom}`);

  // A text, and two at once: both have to be there, in any column.
  const parts = (await rows.last().locator("td").allTextContents()).filter((text) => text.length > 3 && !text.includes(" ")).slice(0, 2);
  await table.locator("input[type=search]").fill(parts.join(" "));
  await until(async () => (await rows.allTextContents()).every((text) => parts.every((part) => text.includes(part))));
  assert.ok((await rows.count()) > 0, `rows with ${parts}`);
  await table.locator("input[type=search]").fill("no such thing anywhere");
  await until(async () => (await rows.count()) === 0);
  await table.locator("input[type=search]").fill("");
  await until(async () => !(await status.textContent()).includes("chosen from"));

  if (await page.locator(".facts").count()) {
    await provenance(page, rows);
    await span(page, chosen !== undefined);
  }
  for (const figure of await page.locator(".figure").all()) {
    const svg = figure.locator("svg");
    const box = () => svg.getAttribute("viewBox");
    const whole = await box();
    await figure.getByRole("button", { name: "+", exact: true }).click();
    assert.notEqual(await box(), whole, "the button zooms");
    await svg.focus();
    await page.keyboard.press("0");
    assert.deepEqual((await box()).split(" ").map(Number), whole.split(" ").map(Number), "and back");
    await page.keyboard.press("+");
    assert.notEqual(await box(), whole, "a key zooms");
    await page.keyboard.press("0");
  }
  const zone = page.locator("nav select");
  if (await zone.count()) {
    const heads = await table.locator("th").allTextContents();
    const at = heads.findIndex((head) => head.startsWith("First"));
    const told = () => rows.first().locator("td").nth(at).getAttribute("title");
    const utc = await told();
    // A hostile day's first row may have no time.
    if (utc) assert.match(utc, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    const names = await zone.locator("option").evaluateAll((all) => all.map((one) => one.value));
    assert.deepEqual(names, ["UTC", ...(chosen ? [chosen] : []), "Europe/Prague"]);
    for (const timeZone of names) {
      await zone.selectOption(timeZone);
      assert.ok((await table.locator("th").nth(at).textContent()).endsWith(`, ${timeZone}`));
      if (!utc) continue;
      const moment = new Date(utc.replace(" UTC", "Z").replace(" ", "T"));
      // Swedes write dates as everybody should.
      assert.equal(await told(), `${moment.toLocaleString("sv-SE", { timeZone })} ${timeZone}`);
    }
    await zone.selectOption("UTC");
  }
}

/** Enter or a click on a row says its filter, its rows and the files. */
async function provenance(page, rows) {
  const panel = page.getByRole("dialog");
  await rows.first().focus();
  await page.keyboard.press("Enter");
  await panel.waitFor();
  const said = await panel.innerText();
  const name = (await rows.first().locator("td.m").first().textContent()).trim();
  assert.ok(said.includes(" = ") && said.includes(name), said);
  assert.match(said, /Stands for/);
  assert.match(said, /Fingerprint|The files of the table/);
  await page.keyboard.press("Escape");
  assert.ok(!(await panel.isVisible()));
  assert.ok(await rows.first().evaluate((row) => row === document.activeElement), "back where one was");
  await rows.nth(Math.min(1, (await rows.count()) - 1)).click();
  await panel.waitFor();
  const show = panel.getByRole("button", { name: /Show these/ });
  if (await show.count()) {
    await show.click();
    const chip = page.locator("#rows .controls span button");
    await chip.first().waitFor();
    await chip.first().click();
  } else await page.keyboard.press("Escape");
  await page.locator(".fact").first().click();
  assert.match(await panel.innerText(), /Stands for/);
  await page.keyboard.press("Escape");
}

/** A drag over the hours limits the rows to that span; fields do the same without a mouse. */
async function span(page, expected) {
  const svg = page.locator(".figure svg.spans").first();
  const drawn = await page.locator(".figure text[data-minute]").count();
  assert.equal((await svg.count()) > 0, drawn > 0, "where hours are drawn, a span can be dragged");
  if (!drawn) return assert.ok(!expected, "a day of hours is drawn");
  // What is written there may be the time of another zone.
  const hours = svg.locator("text[data-minute='360'], text[data-minute='720']");
  await svg.scrollIntoViewIfNeeded();
  const [six, noon] = [await hours.nth(0).boundingBox(), await hours.nth(1).boundingBox()];
  const middle = (box) => box.x + box.width / 2;
  await page.mouse.move(middle(six), six.y + 60);
  await page.mouse.down();
  await page.mouse.move(middle(noon), six.y + 60, { steps: 4 });
  await page.mouse.up();
  const chip = page.locator("#rows .controls span button");
  await chip.waitFor();
  assert.match(await chip.textContent(), /^0[56]:\d\d to 1[12]:\d\d UTC/);
  const spec = await page.locator("#rows th").evaluateAll((all) => ["First", "Last"].map((name) => all.findIndex((th) => th.textContent.startsWith(name))));
  for (const row of (await page.locator("#rows tbody tr").all()).slice(0, 20)) {
    const [first, last] = [await row.locator("td").nth(spec[0]).textContent(), await row.locator("td").nth(spec[1]).textContent()];
    assert.ok(first <= "12:05" && last >= "05:55", `${first} to ${last} touches the span`);
  }
  await chip.click();
  const from = page.locator("input.clock").first();
  await from.fill("23:00");
  await from.press("Enter");
  await until(async () => /^23:00 to 24:00 UTC/.test(await chip.textContent()));
  await chip.click();
  assert.equal(await from.inputValue(), "", "the end of the choice clears the fields");
}

/** Both widths, light and dark; the panel; a PDF. */
async function pictures(browser, file, scripts, folder) {
  mkdirSync(folder, { recursive: true });
  const name = `${basename(file, ".html")}-${scripts ? "scripts" : "still"}`;
  for (const width of [1240, 700]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await opened(browser, file, { scripts, viewport: { width, height: 1600 }, colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      if (scripts && (await page.locator(".facts").count()) && (await page.locator("section.table").count())) {
        await page.locator("section.table tbody tr").first().click();
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}-panel.png`) });
      }
      await page.context().close();
    }
  }
  const page = await opened(browser, file, { scripts, viewport: { width: 1240, height: 1600 } });
  await page.pdf({ path: join(folder, `${name}.pdf`), preferCSSPageSize: true, printBackground: false });
  await page.context().close();
}

async function until(truth) {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await truth();
    if (found) return found;
    assert.ok(Date.now() < end, `waited too long for ${truth}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** How Debian's browser is started; as in run.mjs. */
function options() {
  const flags = ["--disable-gpu", "--no-first-run", "--disable-quic"];
  flags.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
  return {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    chromiumSandbox: process.getuid?.() !== 0,
    args: flags,
  };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { chromium } = await import("playwright-core");
  const [file, shots] = process.argv.slice(2);
  for (const scripts of [false, true]) {
    await checkReport(chromium, file, { scripts, shots });
    console.log(`${basename(file)}, scripts ${scripts ? "on" : "off"}: as it should be`);
  }
}
