// The grid of lines: moving by keyboard, pasting blocks, adding and moving rows. Without this file
// it is a plain form; amounts are always read and added up by the server.
"use strict";

(() => {
  const form = document.querySelector("[data-grid-form]");
  const body = form?.querySelector("[data-grid] tbody");
  if (!body) return;
  const blank = document.getElementById("blank-row");
  let added = 0;
  let isDirty = false;
  let lastRow = null;

  const cellsOf = (row) => [...row.querySelectorAll("[data-col]")];
  const cell = (row, column) => row?.querySelector(`[data-col="${column}"]`);
  const rowOf = (element) => element.closest?.("tr[data-key]");

  function newRow() {
    added += 1;
    const holder = document.createElement("tbody");
    holder.innerHTML = blank.innerHTML.replaceAll("x0", `j${added}`);
    const row = holder.querySelector("tr");
    row.querySelector("[name^=position-]").value = "";
    return row;
  }

  function changed() {
    isDirty = true;
    // Nor is a row that was moved lost with the session (session.js).
    form.dataset.filledIn = "";
    htmx.trigger(form, "recount");
  }

  function renumber() {
    [...body.rows].forEach((row, index) => { row.querySelector("[name^=position-]").value = index + 1; });
    changed();
  }

  function focusCell(row, column) {
    const target = cell(row, column);
    if (!target) return;
    target.focus();
    target.select();
  }

  // Arrow keys and Enter leave the row; in the last one, Enter makes another.
  body.addEventListener("keydown", (event) => {
    const column = event.target.dataset?.col;
    if (!column || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const up = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey);
    const down = event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey);
    if (!up && !down) return;
    event.preventDefault();
    const row = rowOf(event.target);
    let next = up ? row.previousElementSibling : row.nextElementSibling;
    if (!next && event.key === "Enter" && down) next = body.appendChild(newRow());
    focusCell(next, column);
  });

  // A spreadsheet's text: cells in quotes may hold tabs, line breaks and doubled quotes.
  function cellsFrom(text) {
    const rows = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text[at];
      const row = rows[rows.length - 1];
      if (quoted) {
        if (letter === '"' && text[at + 1] === '"') { row[row.length - 1] += '"'; at += 1; }
        else if (letter === '"') quoted = false;
        else row[row.length - 1] += letter;
      } else if (letter === '"' && row[row.length - 1] === "") quoted = true;
      else if (letter === "\t") row.push("");
      else if (letter === "\n") rows.push([""]);
      else if (letter !== "\r") row[row.length - 1] += letter;
    }
    if (quoted) return text.replace(/\r/g, "").split("\n").map((line) => line.split("\t"));
    return rows;
  }

  // A sheet is often copied with its headings and its sum: they are no lines. A heading has words where an amount belongs, and no
  // number. Returns the lines, and what was left out.
  const MONEY = ["scheduled_value", "quantity", "unit_price"];
  const isSum = (text) => /^((grand|sub|contract|project)[ -]?)?totals?:?$/i.test(text);
  function onlyLines(rows, columns) {
    const at = columns.findIndex((column) => MONEY.includes(column));
    if (at < 0 || rows.length < 2) return [rows, []];
    const words = (row) => row.filter((text, index) => text.trim() && !MONEY.includes(columns[index])).map((text) => text.trim());
    const isHeading = (row) => /\p{L}/u.test(row[at] ?? "") && !row.some((text) => /\d/.test(text));
    const lines = rows.slice(isHeading(rows[0]) ? 1 : 0);
    const left = ["the headings"].slice(0, rows.length - lines.length);
    const last = words(lines.at(-1) ?? []);
    if (lines.length > 1 && last.length && last.every(isSum)) { lines.pop(); left.push("the total"); }
    return [lines, left];
  }

  body.addEventListener("paste", (event) => {
    const column = event.target.dataset?.col;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const pasted = cellsFrom(text.replace(/\r?\n$/, ""));
    if (!column || (pasted.length === 1 && pasted[0].length === 1)) return;
    event.preventDefault();
    let row = rowOf(event.target);
    const first = cellsOf(row).indexOf(event.target);
    const [rows, left] = onlyLines(pasted, cellsOf(row).slice(first).map((target) => target.dataset.col));
    let last = event.target;
    rows.forEach((values, index) => {
      if (index > 0) row = row.nextElementSibling ?? body.appendChild(newRow());
      const cells = cellsOf(row);
      values.forEach((value, offset) => {
        const target = cells[first + offset];
        // What is not taken must not vanish unseen.
        if (!target) { if (value.trim()) row.dataset.cut = "1"; return; }
        target.value = value.replace(/\s*\n\s*/g, " ").trim();
        last = target;
      });
    });
    last.focus();
    const notes = [];
    if (left.length) notes.push(`Not taken from what was pasted, since no line of the contract: ${left.join(" and ")}.`);
    if (body.querySelector("[data-cut]")) {
      notes.push("The block is wider than the grid: its last columns were left out.");
      for (const cut of body.querySelectorAll("[data-cut]")) delete cut.dataset.cut;
    }
    if (notes.length) note(notes.join(" "));
    changed();
  });

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-rows]")) {
      event.preventDefault();
      const first = body.appendChild(newRow());
      for (let count = 1; count < 10; count += 1) body.appendChild(newRow());
      cellsOf(first)[0].focus();
      return;
    }
    const act = event.target.closest("[data-grid-act]")?.dataset.gridAct;
    const row = lastRow?.isConnected ? lastRow : body.rows[body.rows.length - 1];
    if (!act || !row) return;
    if (act === "insert") {
      const made = newRow();
      row.after(made);
      renumber();
      cellsOf(made)[0].focus();
    } else {
      if (act === "up") row.previousElementSibling?.before(row);
      else row.nextElementSibling?.after(row);
      renumber();
      row.scrollIntoView({ block: "nearest" });
    }
  });

  body.addEventListener("focusin", (event) => {
    body.querySelector("tr.is-current")?.classList.remove("is-current");
    lastRow = rowOf(event.target);
    lastRow?.classList.add("is-current");
  });
  body.addEventListener("change", (event) => {
    if (event.target.name !== "remove") return;
    rowOf(event.target).classList.toggle("is-removed", event.target.checked);
    changed();
  });

  // What is typed is not lost by a link that was pressed by mistake.
  form.addEventListener("input", () => { isDirty = true; });
  form.addEventListener("submit", () => { isDirty = false; });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  form.querySelector(".grid-tools").hidden = false;
})();
