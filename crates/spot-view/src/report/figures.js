// The second half of a report's script: words of what one points at in a figure, zoom, and a span of
// the day. Figures can be read without it.
(({ about, make, tables, tool }) => {
  const two = (n) => String(n).padStart(2, "0");
  const SVG = "http://www.w3.org/2000/svg";
  const tip = make("div", { class: "tip", hidden: "" });
  function figure(element) {
    const svg = element.querySelector("svg");
    const box = svg.viewBox.baseVal;
    const whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    // The browser's own boxes come late and not for the keyboard.
    for (const title of svg.querySelectorAll("title")) {
      title.parentNode.setAttribute("aria-label", title.textContent);
      if (title.parentNode !== svg) title.parentNode.dataset.tip = title.textContent;
      title.remove();
    }
    svg.addEventListener("pointermove", (event) => {
      const over = event.target.closest("[data-tip]");
      tip.hidden = !over;
      if (!over) return;
      tip.textContent = over.dataset.tip;
      tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
      tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
    });
    svg.addEventListener("pointerleave", () => (tip.hidden = true));

    const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    function show(x, y, width) {
      box.width = Math.min(whole.width, Math.max(whole.width / 40, width));
      box.height = box.width * whole.height / whole.width;
      box.x = Math.min(Math.max(x, whole.x), whole.x + whole.width - box.width);
      box.y = Math.min(Math.max(y, whole.y), whole.y + whole.height - box.height);
      svg.classList.toggle("moved", box.width < whole.width);
    }
    function zoom(by, at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }) {
      const width = Math.min(whole.width, box.width * by);
      const part = width / box.width;
      show(at.x - (at.x - box.x) * part, at.y - (at.y - box.y) * part, width);
    }
    const move = (x, y) => show(box.x + x * box.width, box.y + y * box.height, box.width);
    const reset = () => show(whole.x, whole.y, whole.width);
    svg.addEventListener("wheel", (event) => {
      // The wheel alone scrolls the page.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 0.8 : 1.25, place(event));
    }, { passive: false });
    svg.tabIndex = 0;
    const keys = {
      "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), 0: reset,
      ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1),
    };
    svg.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    const controls = make("div", { class: "controls" }, tool("+", "Zoom in", () => zoom(0.8)), tool("−", "Zoom out", () => zoom(1.25)), tool("Whole", "The whole figure", reset));
    element.querySelector(".picture").before(controls);
    const span = brush(svg, controls, whole);

    let drag = null;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      drag = { at: place(event), span: span && !event.shiftKey };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const now = place(event);
      if (drag.span) span(drag.at.x, now.x, false);
      else show(box.x + drag.at.x - now.x, box.y + drag.at.y - now.y, box.width);
    });
    svg.addEventListener("pointerup", (event) => {
      if (drag && drag.span) span(drag.at.x, place(event).x, true);
      drag = null;
    });
    const hint = span ? "Drag over the hours to choose a span; Shift and drag moves." : "Drag moves.";
    controls.append(make("span", { class: "lead" }, `${hint} Ctrl and wheel, or + and −, zoom.`));
  }

  // A span of the day, on a figure whose axis says where the UTC day begins and ends. What is written there
  // may be the time of any zone, with the day before or after.
  function brush(svg, controls, whole) {
    const other = [...tables.values()].find((table) => table.spec.span);
    const ends = [0, 1440].map((minute) => svg.querySelector(`text[data-minute="${minute}"]`));
    if (!other || ends.includes(null)) return null;
    const [left, right] = ends.map((one) => Number(one.getAttribute("x")));
    svg.classList.add("spans");
    const area = document.createElementNS(SVG, "rect");
    for (const [name, value] of [["class", "brush"], ["y", whole.y], ["height", whole.height], ["width", 0]]) area.setAttribute(name, value);
    svg.append(area);
    const input = (label) => make("input", { class: "clock", "aria-label": label, placeholder: "hh:mm", maxlength: "5" });
    const [from, to] = [input("Span from, UTC"), input("Span to, UTC")];
    controls.append(make("span", {}, "Span, UTC: ", from, " to ", to));
    const text = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
    const minute = (written) => {
      const [, h, m] = /^(\d{1,2}):(\d{2})$/.exec(written.trim()) ?? [];
      return h === undefined || h * 60 + +m > 1440 || m > 59 ? null : h * 60 + +m;
    };
    function draw(a, b) {
      area.setAttribute("x", left + (right - left) * a / 1440);
      area.setAttribute("width", (right - left) * (b - a) / 1440);
      [from.value, to.value] = a === b ? ["", ""] : [text(a), text(b)];
    }
    function choose(a, b) {
      if (b - a < 1) return other.choose("span", null);
      draw(a, b);
      const [first, last] = other.spec.span.map((at) => other.columns[at]);
      const [begin, end] = [about.midnight + a * 60, about.midnight + b * 60];
      // From its first to its last time a line touches the span.
      const keep = (row) => first.value(row) !== null && first.value(row) < end && (last.value(row) ?? first.value(row)) >= begin;
      other.choose("span", { words: `${text(a)} to ${text(b)} UTC`, keep, end: () => draw(0, 0) });
    }
    for (const one of [from, to]) {
      one.addEventListener("change", () => {
        const [a, b] = [minute(from.value) ?? 0, minute(to.value) ?? 1440];
        choose(Math.min(a, b), Math.max(a, b));
      });
    }
    return (x, y, done) => {
      const [a, b] = [x, y].map((at) => Math.round(Math.min(1, Math.max(0, (at - left) / (right - left))) * 1440)).sort((p, q) => p - q);
      if (!done) draw(a, b);
      else if (b - a >= 3) choose(a, b);
      else other.choose("span", null), draw(0, 0);
    };
  }

  document.body.append(tip);
  for (const element of document.querySelectorAll(".figure")) {
    if (element.querySelector("svg")) figure(element);
  }
})(report);
