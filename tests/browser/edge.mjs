// The Edge Investigation: lines of what is unlikely or odd, rated one and many at once, and forgotten.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The steps for a pipeline, each standing on the one before. `where`: programs, data, out, picture, lab. */
export const edgeSteps = (pipeline, where, until) => {
  const list = (author) => author.panel().locator("select[multiple]");
  const lines = async (author) => {
    await list(author).locator("option").first().waitFor({ state: "attached" });
    const texts = await list(author).locator("option").allTextContents();
    return texts.map((text) => text.replaceAll("\u00a0", " "));
  };
  const show = (author) => author.panel().locator(".widget-dropdown", { hasText: "Show" }).locator("select");
  const threats = () => {
    const words = ["threats", pipeline, "--data", where.data, "--out", where.out];
    const told = spawnSync(join(where.programs, "spot"), words, { encoding: "utf8" });
    assert.equal(told.status, 0, told.stderr);
    return told.stdout;
  };
  const seen = {};
  return {
    "run all, and what looks odd is listed with its reasons": async ({ author }) => {
      await author.open(where.lab.page(where.notebook));
      await author.runAll();
      seen.before = await lines(author);
      assert.ok(seen.before.length > 3, seen.before.join("\n"));
      assert.ok(seen.before.every((line) => line.startsWith("not rated")), seen.before[0]);
      await author.result("a ranking of our own").or(author.result("What looks odd")).first().waitFor();
      await author.picture(where.picture(`${pipeline}-edge.png`));
    },

    "a text leaves only the lines that contain it": async ({ author }) => {
      const find = author.panel().getByPlaceholder("Address, port or name");
      const word = seen.before[0].match(/[\w.-]+\.[\w.-]+\w/)[0];
      await find.fill(word);
      await find.press("Enter");
      await until(async () => {
        const left = await lines(author);
        return left.length <= seen.before.length && left.every((line) => line.includes(word));
      });
      await find.fill("");
      await find.press("Enter");
      await until(async () => (await lines(author)).length === seen.before.length);
    },

    "two at once are High, with the reason that was typed": async ({ author }) => {
      await list(author).selectOption([{ index: 0 }, { index: 1 }]);
      await author.panel().getByPlaceholder("Why (may stay empty)").fill("seen <b>twice</b>");
      await author.button("High").click();
      await author.panelSays("Scored High:");
      await until(async () => (await lines(author)).length < seen.before.length);
      const left = await lines(author);
      assert.ok(!left.includes(seen.before[0]) && !left.includes(seen.before[1]), left.join("\n"));
      await author.result("seen <b>twice</b>").first().waitFor();
      await show(author).selectOption("all");
      await until(async () => (await lines(author)).filter((line) => line.startsWith("High")).length >= 2);
      await author.picture(where.picture(`${pipeline}-edge-rated.png`), { top: false });
      assert.match(threats(), /\d/);
    },

    "the last rating counts": async ({ author }) => {
      const before = threats();
      await list(author).selectOption([{ index: 0 }]);
      await author.button("Low").click();
      await author.panelSays("Scored Low:");
      await until(async () => (await lines(author))[0].startsWith("Low"));
      assert.notEqual(threats(), before);
    },

    "a rating without a choice, and a reset, are questions first": async ({ author }) => {
      await list(author).selectOption([]);
      await author.button("Medium").click();
      await author.panelSays("Choose rows first");
      const before = threats();
      await author.button("Reset the day …").click();
      await author.button("Keep them").click();
      await author.button("Keep them").waitFor({ state: "detached" });
      assert.equal(threats(), before);
      await author.button("Reset the day …").click();
      await author.button("Forget them").click();
      await author.panelSays("are forgotten");
      await until(async () => (await lines(author)).every((line) => line.startsWith("not rated")));
      assert.notEqual(threats(), before);
    },

    "the page never complained": async ({ author }) => {
      assert.deepEqual(author.errors, []);
    },
  };
};
