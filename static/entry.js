// The grid of an invoice: moving like in a spreadsheet, pasting, and asking the server what the form comes to. No amount is worked
// out here: every text that changes comes from the server.
"use strict";
(() => {
  const form = document.getElementById("entry");
  if (!form) return;
  const grid = form.querySelector("table.entry");
  const cells = (root = grid) => [...root.querySelectorAll("td.field > input")];
  const kindOf = (cell) => cell.id.slice(0, cell.id.indexOf("-"));
  const lineOf = (cell) => cell.id.slice(cell.id.indexOf("-") + 1);
  const alternatives = grid.dataset.alternatives.split("|").map((group) => group.split(" "));
  const PAUSE = 350;

  // Only what somebody typed is sent: a field without a name stays at home.
  function forget(cell) {
    delete cell.dataset.typed;
    cell.removeAttribute("name");
  }
  function remember(cell) {
    cell.dataset.typed = "";
    cell.name = cell.id;
    const group = alternatives.find((kinds) => kinds.includes(kindOf(cell))) ?? [];
    for (const kind of group) {
      const other = kind !== kindOf(cell) && document.getElementById(`${kind}-${lineOf(cell)}`);
      if (other) forget(other);
    }
  }
  for (const cell of cells()) if (!("typed" in cell.dataset)) forget(cell);

  // Lines whose figures the server is asked for; those typed on while an answer is on its way are asked for again.
  const asked = new Set();
  let sent = new Set();
  let verb = "";
  let timer;
  function recalculate(pause = PAUSE) {
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger(form, "recalculate"), pause);
  }
  function touched(cell) {
    asked.add(lineOf(cell));
    sent.delete(lineOf(cell));
    recalculate();
  }
  grid.addEventListener("input", (event) => {
    if (!event.target.matches("td.field > input")) return;
    remember(event.target);
    touched(event.target);
  });
  form.addEventListener("change", (event) => { if (event.target.name === "is_final") recalculate(); });
  form.addEventListener("htmx:configRequest", (event) => {
    sent = new Set(asked);
    event.detail.parameters.do = verb || "recalculate";
    event.detail.parameters.asked = [...asked].join(" ");
    verb = "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "figures") return;
    for (const line of sent) asked.delete(line);
    event.target.querySelectorAll("data").forEach(put);
    event.target.replaceChildren();
    markProblems();
  });
  function put(data) {
    const place = document.getElementById(data.dataset.for);
    if (!place) return;
    const text = data.textContent;
    if (place.id === "bulk-refused") place.hidden = !text;
    if (place.tagName !== "INPUT") {
      place.textContent = text;
      place.classList.toggle("negative", text.startsWith("("));
    } else if ("typed" in data.dataset) {
      place.value = text;
      remember(place);
    } else if (!("typed" in place.dataset)) place.value = text;
  }
  function markProblems() {
    for (const cell of grid.querySelectorAll("[aria-invalid]")) cell.removeAttribute("aria-invalid");
    for (const item of form.querySelectorAll("[data-problem]"))
      document.getElementById(item.dataset.problem)?.setAttribute("aria-invalid", "true");
  }

  // Verbs for many lines fill in the form; without this file the whole page comes back filled in.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button) return;
    event.preventDefault();
    verb = button.value;
    recalculate(0);
  });

  // Up and down; what is left by Enter was typed before, and nothing is submitted.
  function step(cell, by) {
    const column = cells().filter((other) => kindOf(other) === kindOf(cell));
    const next = column[column.indexOf(cell) + by];
    if (next) next.focus();
  }
  grid.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches("td.field > input")) return;
    const by = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (by) {
      event.preventDefault();
      step(cell, by);
    } else if (event.key === "Escape" && "typed" in cell.dataset) {
      forget(cell);
      touched(cell);
    }
  });
  grid.addEventListener("focusin", (event) => { if (event.target.matches("td.field > input")) event.target.select(); });

  // A block from a spreadsheet, from the focused cell to the right and down.
  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!event.target.matches("td.field > input") || !/[\n\t]/.test(text)) return;
    event.preventDefault();
    const rows = [...grid.querySelectorAll("tbody tr")].filter((row) => row.querySelector("td.field"));
    const first = rows.indexOf(event.target.closest("tr"));
    const column = cells(rows[first]).indexOf(event.target);
    const kinds = cells(rows[first]).slice(column).map(kindOf);
    const lines = text.split("\n");
    const notes = [];
    // Words above the amounts are their heading.
    if (lines.length > 1 && /\p{L}/u.test(lines[0]) && !/\d/.test(lines[0])) {
      lines.shift();
      notes.push("The heading of what was pasted was left out.");
    }
    lines.slice(0, rows.length - first).forEach((line, down) => {
      line.split("\t").slice(0, kinds.length).forEach((value, across) => {
        const cell = rows[first + down].querySelector(`[id^="${kinds[across]}-"]`);
        if (!cell) return;
        cell.value = value.trim();
        remember(cell);
        touched(cell);
      });
    });
    const lost = lines.length - (rows.length - first);
    if (lost > 0) notes.push(`${lost} more ${lost === 1 ? "row was" : "rows were"} copied than there are lines below.`);
    if (notes.length) note(notes.join(" "));
  });

  const tickAll = document.getElementById("tick-all");
  tickAll.hidden = false;
  tickAll.addEventListener("change", () => {
    for (const box of grid.querySelectorAll("input[name=line]")) box.checked = tickAll.checked;
  });
  for (const button of form.querySelectorAll(".without-script")) button.hidden = true;

  // Typed and not saved: the browser asks before it leaves.
  let isLeaving = false;
  form.addEventListener("submit", () => { isLeaving = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && cells().some((cell) => "typed" in cell.dataset)) event.preventDefault();
  });
})();
