// Ticking on the Subcontractor tab: three states, ticks that survive a new list, and asking the
// server again what was selected. What counts is counted there; nothing is counted here.
"use strict";
(() => {
  const selectionForm = () => document.getElementById("selection-form");
  const rowBoxes = (root) => [...root.querySelectorAll("input[name=invoice]")];
  const scopes = () => [...(selectionForm()?.querySelectorAll("[data-scope]") ?? [])];
  const keyOf = (scope) => `${scope.name}:${scope.value}`;
  const isWhole = (scope) => scope.dataset.whole === "true";
  const isAll = (scope) => scope.name === "all";

  // The rows that are on the page, by scope; a long group may have more on the next one. Read in
  // one go: with thousands of rows, a search for each group would be felt at every tick.
  function rowsByScope() {
    const found = new Map([["all:1", []]]);
    for (const body of selectionForm().querySelectorAll("tbody[data-group]")) {
      const rows = rowBoxes(body);
      found.set(body.dataset.group, [...(found.get(body.dataset.group) ?? []), ...rows]);
      found.get("all:1").push(...rows);
    }
    return found;
  }
  const rowsOf = (scope, found = rowsByScope()) => found.get(keyOf(scope)) ?? [];
  const hasMore = (scope, rows) => rows.length < Number(scope.dataset.count);

  // A box is ticked when all of it is selected, and shows a dash when a part is. Taken as a whole,
  // it stays ticked (and is posted) under its dash; the rows unticked in it are posted as exceptions.
  function settle(scope, rows, underAll) {
    const ticked = rows.filter((row) => row.checked).length;
    const whole = isWhole(scope) || underAll;
    const full = ticked === rows.length && (whole || !hasMore(scope, rows));
    scope.checked = full || isWhole(scope);
    scope.indeterminate = !full && (whole || ticked > 0);
  }
  function settleAll() {
    const boxes = scopes();
    const rows = boxes.length ? rowsByScope() : new Map();
    const all = boxes.find(isAll);
    for (const scope of boxes)
      settle(scope, rowsOf(scope, rows), scope !== all && isWhole(all));
    document.getElementById("compile")?.classList.toggle("is-idle", !isAnythingTicked());
  }
  const isAnythingTicked = () =>
    Boolean(selectionForm()?.querySelector("[name=invoice]:checked, [data-whole=true]"));

  function tickScope(scope) {
    const rows = rowsOf(scope);
    for (const row of rows) row.checked = scope.checked;
    const more = hasMore(scope, rows);
    const all = scopes().find(isAll);
    // What lies beyond this page cannot be both in "all" and out of its group.
    if (!scope.checked && more) delete all.dataset.whole;
    if (isAll(scope)) for (const other of scopes()) delete other.dataset.whole;
    if (scope.checked && more) scope.dataset.whole = "true";
    else delete scope.dataset.whole;
  }
  const recheck = () => htmx.trigger("#selection-panel", "recheck");

  document.addEventListener("change", (event) => {
    if (!event.target.matches("#selection-form input[type=checkbox]")) return;
    if (event.target.matches("[data-scope]")) tickScope(event.target);
    settleAll();
    recheck();
  });
  document.addEventListener("formdata", (event) => {
    if (event.target !== selectionForm()) return;
    for (const scope of scopes().filter(isWhole))
      for (const row of rowsOf(scope))
        if (!row.checked) event.formData.append("except", row.value);
  });

  // A new list in the place of the old one keeps the ticks of the rows that are still there, and
  // what was taken as a whole as long as it means the same invoices. Nothing unseen stays ticked.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = selectionForm();
    if (!form || !event.detail.shouldSwap || !event.detail.target.contains(form)) return;
    const wholes = scopes().filter(isWhole);
    const areExact = wholes.every((scope) => rowsOf(scope).every((row) => row.checked));
    kept = {
      filters: form.dataset.filters,
      rows: new Set(rowBoxes(form).filter((row) => row.checked).map((row) => row.value)),
      seen: new Set(rowBoxes(form).map((row) => row.value)),
      // An exception could be on no page of the new list, and would come back unseen.
      whole: new Set(areExact ? wholes.map(keyOf) : []),
    };
  });
  function restore() {
    const form = selectionForm();
    if (!form) return;
    if (kept.filters === form.dataset.filters)
      for (const scope of scopes()) if (kept.whole.has(keyOf(scope))) scope.dataset.whole = "true";
    for (const row of rowBoxes(form)) row.checked = kept.rows.has(row.value);
    tickBeyond((row) => !kept.seen.has(row.value));
  }
  // Rows that appear inside what was taken as a whole are ticked, as they are selected already.
  function tickBeyond(isNew) {
    for (const scope of scopes().filter(isWhole))
      for (const row of rowsOf(scope)) if (isNew(row)) row.checked = true;
  }
  let shown = new Set();
  document.addEventListener("htmx:afterSwap", () => {
    const form = selectionForm();
    const hadTicks = kept && (kept.rows.size || kept.whole.size);
    if (kept) restore();
    else if (form) tickBeyond((row) => !shown.has(row.value));
    kept = null;
    remember();
    settleAll();
    if (hadTicks) recheck();
  });
  const remember = () => { shown = new Set(selectionForm() ? rowBoxes(selectionForm()).map((row) => row.value) : []); };

  // On a narrow screen the panel lies over the list, so what it found opens on demand, or when a
  // compile was refused for it; whoever opened or closed it finds it so after the next tick.
  let areFindingsOpen = !window.matchMedia("(max-width: 1199px)").matches;
  const foldFindings = () => {
    const box = document.querySelector("#preflight .findings-all");
    if (box) box.open = areFindingsOpen;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.matches(".findings-all")) areFindingsOpen = event.target.open;
  }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.xhr?.status === 422) areFindingsOpen = true;
    foldFindings();
  });

  // One short sentence is read aloud, not the whole panel.
  document.addEventListener("htmx:afterSettle", (event) => {
    const said = [...(event.target.querySelectorAll?.("[data-announce]") ?? [])];
    const announcer = document.getElementById("announcer");
    if (said.length && announcer)
      announcer.textContent = said.map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(". ");
  });

  // Leaving a file out stays on this page, with the ticks as they are.
  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "leave-out-form") return;
    event.preventDefault();
    try {
      const answer = await fetch(event.submitter.formAction, {
        method: "POST", body: new FormData(event.target), redirect: "manual",
      });
      if (answer.type === "opaqueredirect" || answer.ok) recheck();
      else window.location.reload();
    } catch {
      say("The server cannot be reached. Nothing was changed.");
    }
  });

  // Also after the back button, when the browser has put the ticks back.
  window.addEventListener("pageshow", () => { remember(); foldFindings(); settleAll(); if (isAnythingTicked()) recheck(); });
})();
