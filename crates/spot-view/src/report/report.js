// The script of a report. It reads the data block of its own page and nothing else: no network, no
// storage, no markup from text (texts go into the page as textContent only). All that it shows is in
// the data already; without it the first rows, the figures and the story can be read as they are.
// What it does with figures follows in figures.js.
"use strict";
const report = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { about, words } = data;
  const canonical = new Map(data.alias);
  const PAGE = 100;

  // An element: attributes, then children (texts or elements).
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function tool(text, title, click) {
    const button = make("button", { type: "button", class: "tool", title }, text);
    button.addEventListener("click", click);
    return button;
  }
  const nOf = (n, all) => `${group(n)} of ${group(all)}`;

  // ---- Numbers and times, as the still part of the page has them.
  const group = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const big = (n) => (typeof n === "string" ? BigInt(n) : n);
  function bytes(n) {
    const whole = BigInt(n);
    if (whole < 1000n) return `${whole} B`;
    const units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let unit = 1000n;
    const tenths = () => (whole * 10n + unit / 2n) / unit;
    while (tenths() >= 10000n && units.length > 1) {
      unit *= 1000n;
      units.shift();
    }
    return `${tenths() / 10n}.${tenths() % 10n} ${units[0]}`;
  }
  function mean(n, inBytes) {
    if (inBytes && n >= 1000) return bytes(Math.round(n));
    const tenths = Math.floor(n * 10 + 0.5);
    const text = tenths % 10 === 0 ? group(tenths / 10) : (tenths / 10).toFixed(1);
    return inBytes ? `${text} B` : text;
  }
  const asNumber = (value) => (value === null ? null : Number(value));
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";
  let zone = "UTC";
  // Each zone's date and time of a moment; one that this browser does not know is not offered.
  const zones = new Map([["UTC", (at) => [at.toISOString().slice(0, -14), at.toISOString().slice(-13, -5)]]]);
  for (const name of [about.zone, here]) {
    if (!name || zones.has(name)) continue;
    try {
      const two = "2-digit";
      const timeZone = name === "local time" ? undefined : name;
      const shape = { timeZone, hourCycle: "h23", year: "numeric", month: two, day: two, hour: two, minute: two, second: two };
      const format = new Intl.DateTimeFormat("en-US", shape);
      zones.set(name, (at) => {
        const part = Object.fromEntries(format.formatToParts(at).map((one) => [one.type, one.value]));
        return [`${part.year}-${part.month}-${part.day}`, `${part.hour}:${part.minute}:${part.second}`];
      });
    } catch {}
  }
  function clock(seconds) {
    const at = new Date(seconds * 1000);
    // Further away than a browser counts.
    if (Number.isNaN(at.getTime())) return { short: `${seconds} s`, full: `${seconds} seconds after 1970` };
    const [date, time] = zones.get(zone)(at);
    return { short: date === about.day ? time : `${date.slice(5)} ${time}`, full: `${date} ${time} ${zone}` };
  }

  // ---- Columns: `value` to sort by, `text` as shown, `title` for who points at it.
  const collator = new Intl.Collator("en", { numeric: true });
  let ranks;
  function rank(word) {
    if (!ranks) {
      ranks = new Uint32Array(words.length);
      [...words.keys()].sort((a, b) => collator.compare(words[a], words[b])).forEach((w, i) => (ranks[w] = i));
    }
    return ranks[word];
  }
  // For each text whether it contains a part; remembered for the last few parts.
  const asked = new Map();
  function containing(part) {
    if (!asked.has(part)) {
      if (asked.size > 20) asked.clear();
      asked.set(part, Uint8Array.from(words, (word) => (word.toLowerCase().includes(part) ? 1 : 0)));
    }
    return asked.get(part);
  }
  function column(spec, all) {
    const raw = "same" in spec ? (row) => all()[spec.same].raw(row) : "seq" in spec ? (row) => spec.seq + row : "all" in spec ? () => spec.all : (row) => spec.v[row];
    const none = "–";
    const shown = (value, text) => (value === null || value === undefined ? none : text(value));
    const result = { ...spec, raw, right: spec.look === "n", words: false, title: () => "" };
    switch (spec.kind) {
      case "text":
      case "link":
        result.words = true;
        result.value = (row) => rank(raw(row));
        result.text = (row) => words[raw(row)];
        result.title = (row) => (spec.look !== "way" && result.text(row).length > 24 ? result.text(row) : "");
        break;
      case "time":
        result.value = (row) => {
          const own = raw(row);
          if (own === null) return null;
          return own + ("after" in spec ? all()[spec.after].value(row) : spec.base);
        };
        result.text = (row) => shown(result.value(row), (at) => clock(at).short);
        result.title = (row) => shown(result.value(row), (at) => clock(at).full);
        break;
      case "mean":
      case "meanbytes": {
        const own = new Map(spec.at.map((row, i) => [row, spec.v[i]]));
        result.value = (row) => (own.has(row) ? own.get(row) : asNumber(all()[spec.like].value(row)));
        result.text = (row) => shown(result.value(row), (n) => mean(n, spec.kind === "meanbytes"));
        result.title = (row) => shown(result.value(row), String);
        break;
      }
      default:
        result.value = (row) => big(raw(row));
        result.text = (row) => shown(result.value(row), { bytes, count: group, port: String }[spec.kind]);
        if (spec.kind === "bytes") result.title = (row) => shown(result.value(row), (n) => `${group(n)} bytes`);
    }
    // Whether a cell contains a part of text (lower case), as it is shown or to the last digit.
    result.finds = (part) => {
      if (result.words) {
        const hits = containing(part);
        return (row) => hits[raw(row)] === 1;
      }
      if (!/\d/.test(part)) return () => false;
      return (row) => result.text(row).toLowerCase().includes(part) ||
        (spec.kind !== "time" && String(result.value(row)).includes(part));
    };
    return result;
  }

  // ---- A table: filter, order, a page of rows at a time.
  class Table {
    constructor(spec) {
      this.spec = spec;
      this.section = document.getElementById(spec.id);
      this.columns = spec.columns.map((one) => column(one, () => this.columns));
      this.seen = this.columns.filter((one) => !one.more);
      this.order = Uint32Array.from({ length: spec.rows }, (_, row) => row);
      this.rows = this.order;
      this.sorted = null;
      this.parts = [];
      this.only = {};
      this.page = 0;
      this.most = new Map();
      this.build();
    }

    build() {
      const { section, spec } = this;
      section.classList.add("drawn");
      this.body = section.querySelector("tbody");
      this.limit = section.querySelector(".limit");
      this.heads = [...section.querySelectorAll("th")];
      this.buttons = this.seen.map((one) => {
        const button = make("button", { type: "button", title: "Sort; again to reverse" });
        button.addEventListener("click", () => this.sort(one));
        return button;
      });
      this.filter = make("input", { type: "search", "aria-label": `Filter ${spec.unit}`, placeholder: "Filter: any column" });
      let wait;
      this.filter.addEventListener("input", () => {
        clearTimeout(wait);
        wait = setTimeout(() => {
          this.parts = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
          this.select();
        }, 120);
      });
      this.before = tool("‹ Earlier rows", "", () => this.turn(-1));
      this.after = tool("Further rows ›", "", () => this.turn(1));
      this.status = make("output", { "aria-live": "polite" });
      this.chips = make("span", {});
      const controls = make("div", { class: "controls" }, this.filter, this.before, this.after, this.status, this.chips);
      section.querySelector(".scroll").before(controls);
      this.body.addEventListener("click", (event) => {
        // Somebody who marks text to copy it does not ask for a panel.
        if (event.target.closest("a") || String(getSelection())) return;
        this.ask(event.target.closest("tr"));
      });
      this.body.addEventListener("keydown", (event) => this.key(event));
      this.draw();
    }

    key(event) {
      const row = event.target.closest("tr");
      if (event.target !== row) return;
      const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
      if (next) {
        row.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      } else if (event.key === "Enter" || event.key === " ") this.ask(row);
      else return;
      event.preventDefault();
    }

    ask(row) {
      if (row && this.spec.filter) openRow(this, Number(row.dataset.row), row);
    }

    // Keeps rows for which every part is in some column, and which every other choice keeps.
    select() {
      const finders = this.parts.map((part) => this.columns.map((one) => one.finds(part)));
      const choices = Object.values(this.only);
      const plain = !finders.length && !choices.length;
      this.rows = plain ? this.order : this.order.filter((row) =>
        choices.every((choice) => choice.keep(row)) && finders.every((finder) => finder.some((finds) => finds(row))));
      this.page = 0;
      this.chips.replaceChildren(...Object.entries(this.only).map(([name, choice]) =>
        tool(`${choice.words} ✕`, "Show all again", () => this.choose(name, null))));
      this.draw();
    }

    // Limits the rows to what `choice` keeps ({words, keep, end}); none ends that limit.
    choose(name, choice) {
      const old = this.only[name];
      if (choice) this.only[name] = choice;
      else delete this.only[name];
      if (!choice && old && old.end) old.end();
      this.select();
    }

    sort(by) {
      const first = by.words || by.kind === "time" || by.name === "Rank" ? 1 : -1;
      const way = this.sorted && this.sorted.by === by ? -this.sorted.way : first;
      this.sorted = { by, way };
      const values = Array.from({ length: this.spec.rows }, (_, row) => by.value(row));
      const none = (value) => value === null || value === undefined || Number.isNaN(value);
      // What is not known comes last, whichever way; equals stay as the report has them.
      this.order = Uint32Array.from({ length: this.spec.rows }, (_, row) => row).sort((a, b) => {
        const [x, y] = [values[a], values[b]];
        if (none(x) || none(y)) return none(x) - none(y) || a - b;
        return x < y ? -way : x > y ? way : a - b;
      });
      this.select();
    }

    turn(way) {
      this.page += way;
      this.draw();
      this.section.querySelector(".scroll").scrollTop = 0;
    }

    // Draws a page of rows; on paper the first few.
    draw(few) {
      const size = few ? Math.min(few, PAGE) : PAGE;
      const from = few ? 0 : this.page * PAGE;
      const rows = this.rows.subarray(from, from + size);
      const to = from + rows.length;
      this.seen.forEach((one, i) => {
        const [head, button] = [this.heads[i], this.buttons[i]];
        button.textContent = one.kind === "time" ? `${one.name}, ${zone}` : one.name;
        // A head with a button in it is not repeated on the next sheet of paper.
        if (few) head.textContent = button.textContent;
        else if (head.firstChild !== button) head.replaceChildren(button);
        if (this.sorted && this.sorted.by === one) {
          head.setAttribute("aria-sort", this.sorted.way > 0 ? "ascending" : "descending");
        } else head.removeAttribute("aria-sort");
      });
      this.body.replaceChildren(...Array.from(rows, (row, i) => this.line(row, i)));
      const chosen = this.rows.length === this.spec.rows ? "" : ` (chosen from ${group(this.spec.of)})`;
      const span = rows.length ? `${group(from + 1)} to ${group(to)}` : "none";
      const all = chosen ? this.rows.length : this.spec.of;
      this.limit.textContent = few ? `${nOf(rows.length, all)} ${this.spec.unit}${chosen}` : `${group(all)} ${this.spec.unit}${chosen}`;
      this.status.textContent = `${span} of ${group(all)}${chosen}` +
        (this.spec.rows < this.spec.of ? `; ${nOf(this.spec.rows, this.spec.of)} are in this file` : "");
      this.before.disabled = from === 0;
      this.after.disabled = to >= this.rows.length;
    }

    line(row, place) {
      const line = make("tr", { "data-row": row });
      if (this.spec.filter) line.tabIndex = place === 0 ? 0 : -1;
      for (const one of this.seen) line.append(this.cell(one, row));
      return line;
    }

    cell(one, row) {
      const text = one.text(row);
      const way = one.look === "way" ? { "←": " in", "→": " out" }[text[0]] || " two" : "";
      const cell = make("td", { class: one.look + way });
      const to = one.kind === "link" ? words[one.to[row]] : undefined;
      if (to !== undefined && /^[\w-][\w.-]*$/.test(to)) cell.append(make("a", { href: to }, text));
      else cell.textContent = text;
      if (one.title(row)) cell.title = one.title(row);
      if (one.bar) {
        if (!this.most.has(one)) {
          let most = 1;
          for (let i = 0; i < this.spec.rows; i++) most = Math.max(most, Number(one.value(i)));
          this.most.set(one, most);
        }
        cell.style.setProperty("--b", `${(Number(one.value(row)) * 100 / this.most.get(one)).toFixed(1)}%`);
      }
      return cell;
    }

    // The rows whose word in one of `columns` is `word`, in any spelling.
    holding(columns, word) {
      const key = columns.join();
      this.places ??= new Map();
      if (!this.places.has(key)) {
        const places = new Map();
        for (let row = 0; row < this.spec.rows; row++) {
          const found = new Set(columns.map((c) => this.columns[c].raw(row)).map((w) => canonical.get(w) ?? w));
          for (const w of found) places.has(w) ? places.get(w).push(row) : places.set(w, [row]);
        }
        this.places.set(key, places);
      }
      return this.places.get(key).get(canonical.get(word) ?? word) ?? [];
    }
  }

  // ---- The panel that says where a number comes from.
  const panel = make("aside", { class: "panel", role: "dialog", tabindex: "-1", "aria-labelledby": "panel-title", hidden: "" });
  let cameFrom;
  function close() {
    panel.hidden = true;
    if (cameFrom && cameFrom.isConnected) cameFrom.focus();
  }
  function open(title, parts, from) {
    cameFrom = from;
    const button = tool("Close", "Esc", close);
    button.classList.add("close");
    panel.replaceChildren(button, make("h2", { id: "panel-title" }, title), ...parts);
    panel.hidden = false;
    panel.scrollTop = 0;
    panel.focus();
  }
  const part = (title, ...rest) => [make("h3", {}, title), ...rest];
  function sources(table) {
    if (table !== about.table) return [make("p", {}, `The files of the table ${table} on ${about.day}.`)];
    const list = make("ul", {}, ...about.files.map((file) => make("li", {}, file)));
    const all = make("details", {}, make("summary", {}, `${group(about.fileCount)} files of the day were read (${nOf(about.files.length, about.fileCount)} listed)`), list);
    return [all, make("p", { class: "lead" }, `Fingerprint of the input: ${about.fingerprint}`)];
  }
  function openRow(table, row, from) {
    const { spec, columns } = table;
    // One pass: what a cell says is never read as a place again.
    const given = { anchor: about.anchor, search: about.filter };
    const filter = spec.filter.replace(/\{(\w+)\}/g, (_, place) => given[place] ?? columns[place].text(row));
    const parts = part("Filter", make("code", {}, filter));
    if (spec.stands) {
      const [at, name] = spec.stands;
      const of = name === about.table ? `${columns[at].text(row)} of ${group(about.rows)} rows that the search took from ${name} (${group(about.scanned)} on the day)` : `${columns[at].text(row)} rows of ${name}`;
      parts.push(...part("Stands for", make("p", {}, of)), ...part("Files", ...sources(name)));
    }
    const list = make("dl", {});
    for (const one of columns) {
      const title = one.kind === "bytes" ? ` (${one.title(row)})` : "";
      const name = one.kind === "time" ? `${one.name}, ${zone}` : one.name;
      list.append(make("dt", {}, name), make("dd", {}, one.text(row) + title));
    }
    parts.push(...part("This line", list));
    if (spec.related) parts.push(...related(spec.related, columns[spec.related.mine].raw(row)));
    const names = table.seen.filter((one) => one.look === "m").slice(0, 2).map((one) => one.text(row));
    open(names.join(" · "), parts, from);
  }
  function related(link, word) {
    const other = tables.get(link.table);
    if (!other) return [];
    const rows = other.holding(link.theirs, word);
    const shown = rows.slice(0, PAGE);
    const head = make("tr", {}, ...other.seen.map((one) => make("th", { scope: "col", class: one.look }, one.kind === "time" ? `${one.name}, ${zone}` : one.name)));
    const lines = shown.map((row) => make("tr", {}, ...other.seen.map((one) => make("td", { class: one.look }, one.text(row)))));
    const kept = new Set(rows);
    const show = tool(`Show these in “${other.section.querySelector("h2 span").textContent}”`, "", () => {
      other.choose("row", { words: `only ${words[word]}`, keep: (row) => kept.has(row) });
      close();
      other.section.scrollIntoView();
    });
    const table = make("div", { class: "wide" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines)));
    return part(`Its rows: ${nOf(shown.length, rows.length)} ${other.spec.unit}`, show, table);
  }

  // ---- Begin.
  const tables = new Map();
  for (const spec of data.tables) tables.set(spec.id, new Table(spec));
  document.body.append(panel);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });

  for (const fact of document.querySelectorAll(".facts > div > div")) {
    fact.classList.add("fact");
    fact.tabIndex = 0;
    fact.setAttribute("role", "button");
    const show = () => open(`${fact.firstChild.textContent} ${fact.lastChild.textContent}`, [
      ...part("Filter", make("code", {}, about.filter)),
      ...part("Stands for", make("p", {}, `${nOf(about.rows, about.scanned)} rows of ${about.table} on ${about.day}${fact.title ? `: ${fact.title}` : ""}`)),
      ...part("Files", ...sources(about.table)),
    ], fact);
    fact.addEventListener("click", show);
    fact.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") event.preventDefault(), show();
    });
  }

  if (data.tables.some((spec) => spec.columns.some((one) => one.kind === "time"))) {
    const said = (name) => (name === here && name !== "UTC" ? `${name} (this browser)` : name);
    const choose = make("select", {}, ...[...zones.keys()].map((name) => make("option", { value: name }, said(name))));
    choose.addEventListener("change", () => {
      zone = choose.value;
      for (const table of tables.values()) table.select();
    });
    document.querySelector("nav").append(make("label", {}, "Times in tables: ", choose));
  }

  if (data.tables.some((spec) => spec.filter)) {
    const hint = "A click on a row of a table, or on one of the six numbers (or Enter there), says where it comes from.";
    document.querySelector("nav").after(make("p", { class: "lead controls" }, hint));
  }

  // On paper: the first rows of each table in the order that was chosen, and what is folded away.
  let folded = [];
  addEventListener("beforeprint", () => {
    for (const table of tables.values()) table.draw(table.spec.still);
    folded = [...document.querySelectorAll("footer details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const table of tables.values()) table.draw();
    for (const details of folded) details.open = false;
  });
  return { about, make, tables, tool };
})();
