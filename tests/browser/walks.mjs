// What the two investigations have each for themselves; what both do is in run.mjs.

import assert from "node:assert/strict";

export const flow = {
  notebook: "Flow_Threat_Investigation.ipynb",
  /** Names of its pictures. */
  picture: "notebook",
  report: "report",
  /** The line of the list to choose, and the row to go on with. */
  choose: 0,
  row: 1,
  /** Tables of a result. */
  tables: 4,
  /** Parts of the names of what a save writes. */
  files: ["flow_storyboard", "stats-"],
  checkList(labels) {
    for (const label of labels) assert.match(label, /^\S+ · .+ · (in|out)side · \d+ high rows?/);
  },
  rows: (author) => author.openTable("Top sources by bytes"),
  otherOf: async (row) => (await row.locator("td").first().textContent()).trim(),
};

export const dns = {
  notebook: "DNS_Threat_Investigation.ipynb",
  picture: "dns",
  report: "dns-report",
  choose: 1,
  row: 0,
  tables: 1,
  files: ["dns_storyboard", "dns_threat_dendro", "threats.csv"],
  checkList(labels) {
    assert.equal(labels[0], "--Select--");
    for (const label of labels.slice(1)) {
      assert.match(label, /^\S+ · (client|name) · \d+ high rows?/);
    }
    assert.ok(labels.some((label) => label.includes("· client ·")), "clients are listed");
    assert.ok(labels.some((label) => label.includes("· name ·")), "names are listed");
  },
  rows: async (author) => ({
    rows: author.panel().locator(".widget-html tbody tr"),
    buttons: author.panel().getByRole("button", { name: "Search this", exact: true }),
  }),
  // A client's rows are told apart by their names.
  otherOf: async (row) => (await row.locator("td").nth(1).textContent()).trim(),
};
