// Ticking on the Subcontractor tab: three states, ticks that survive a new list, and asking the
// server again what was selected. What counts is counted there; nothing is counted here.
"use strict";
(() => {
  const selectionForm = () => document.getElementById("selection-form");
  const rowBoxes = (root) => [...root.querySelectorAll("input[type=checkbox][name=invoice]")];
  // Invoices that were ticked in another list than this one: hidden fields, so every request tells them.
  const unseenFields = () => [...(selectionForm()?.querySelectorAll("input[type=hidden][name=invoice]") ?? [])];
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
    Boolean(selectionForm()?.querySelector("[name=invoice]:checked, [type=hidden][name=invoice], [data-whole=true]"));

  function tickScope(scope) {
    const rows = rowsOf(scope);
    for (const row of rows) row.checked = scope.checked;
    const more = hasMore(scope, rows);
    for (const field of unseenFields()) if (isIn(scope, field.dataset)) field.remove();
    const all = scopes().find(isAll);
    // What lies beyond this page cannot be both in "all" and out of its group.
    if (!scope.checked && more) delete all.dataset.whole;
    if (isAll(scope)) for (const other of scopes()) delete other.dataset.whole;
    if (scope.checked && more) scope.dataset.whole = "true";
    else delete scope.dataset.whole;
  }
  const recheck = () => htmx.trigger("#selection-panel", "recheck");

  document.addEventListener("change", (event) => {
    // What an option leaves out is no longer looked at.
    if (event.target.matches(".recipe input[type=checkbox]") && isAnythingTicked()) return recheck();
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

  // A new list in the place of the old one keeps every tick: what it does not show goes along as a
  // hidden field, and what was taken as a whole stays so as long as it means the same invoices.
  let kept = null;
  let isStale = false;
  const isIn = (scope, place) =>
    place.filters === selectionForm().dataset.filters && (isAll(scope) || place.group === keyOf(scope));

  function keep() {
    const form = selectionForm();
    if (!form) return;
    const wholes = scopes().filter(isWhole);
    const areExact = wholes.every((scope) => rowsOf(scope).every((row) => row.checked));
    const ticked = new Map(unseenFields().map((field) => [field.value, { ...field.dataset }]));
    for (const body of form.querySelectorAll("tbody[data-group]"))
      for (const row of rowBoxes(body).filter((box) => box.checked))
        ticked.set(row.value, { filters: form.dataset.filters, group: body.dataset.group });
    kept = {
      filters: form.dataset.filters,
      ticked,
      seen: new Set(rowBoxes(form).map((row) => row.value)),
      // An exception could be on no page of the new list, and would come back unseen.
      whole: new Set(areExact ? wholes.map(keyOf) : []),
    };
  }
  function restore() {
    const isSame = kept.filters === selectionForm().dataset.filters;
    for (const scope of scopes())
      if (isSame && kept.whole.has(keyOf(scope))) scope.dataset.whole = "true";
      else delete scope.dataset.whole;
    for (const row of rowBoxes(selectionForm())) row.checked = false;
    const wholes = scopes().filter(isWhole);
    for (const [id, place] of kept.ticked)
      if (!wholes.some((scope) => isIn(scope, place))) selectionForm().append(unseenField(id, place));
      else kept.seen.delete(id);
    showUnseen();
    tickBeyond((row) => !kept.seen.has(row.value));
  }
  function unseenField(id, place) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "invoice", value: id });
    Object.assign(field.dataset, place);
    return field;
  }
  // A row that came (back) is ticked by its box again.
  function showUnseen() {
    const fields = new Map(unseenFields().map((field) => [field.value, field]));
    for (const row of fields.size ? rowBoxes(selectionForm()) : []) {
      if (!fields.has(row.value)) continue;
      row.checked = true;
      fields.get(row.value).remove();
    }
  }
  // Rows that appear inside what was taken as a whole are ticked, as they are selected already.
  function tickBeyond(isNew) {
    for (const scope of scopes().filter(isWhole))
      for (const row of rowsOf(scope)) if (isNew(row)) row.checked = true;
  }
  let shown = new Set();
  function showTicks() {
    if (!selectionForm()) return;
    isStale ||= Boolean(kept && (kept.ticked.size || kept.whole.size));
    if (kept) restore();
    else { showUnseen(); tickBeyond((row) => !shown.has(row.value)); }
    kept = null;
    remember();
    settleAll();
  }
  const remember = () => { shown = new Set(selectionForm() ? rowBoxes(selectionForm()).map((row) => row.value) : []); };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.shouldSwap && event.detail.target.contains(selectionForm())) keep();
  });
  // The back button brings the list of before; the ticks are those of now.
  document.addEventListener("htmx:beforeHistorySave", keep);
  document.addEventListener("htmx:historyRestore", showTicks);
  document.addEventListener("htmx:afterSwap", showTicks);
  document.addEventListener("htmx:afterSettle", () => {
    if (isStale) recheck();
    isStale = false;
  });

  // What was typed was asked for already; asking again on leaving the field would overtake the link
  // that was clicked to leave it.
  document.addEventListener("change", (event) => {
    if (event.target.id === "search") event.stopPropagation();
  }, true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#clear-selection")) return;
    for (const row of rowBoxes(selectionForm())) row.checked = false;
    for (const scope of scopes()) delete scope.dataset.whole;
    for (const field of unseenFields()) field.remove();
    settleAll();
    recheck();
    (scopes().find(isAll) ?? document.getElementById("search"))?.focus();
  });

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
    const address = event.submitter.formAction;
    try {
      const answer = await fetch(address, {
        method: "POST", body: new FormData(event.target), redirect: "manual",
      });
      if (answer.type !== "opaqueredirect" && !answer.ok) return window.location.reload();
      isFocusLost = true;
      recheck();
      await renewMarks(address.match(/\/invoices\/(\d+)\//)[1]);
    } catch {
      say("The server cannot be reached. Load the page again to see what was changed.");
    }
  });
  // Only the marks of that row: a new list would lose the place that was scrolled to.
  async function renewMarks(id) {
    const marksOf = (root) => root.querySelector(`input[type=checkbox][name=invoice][value="${id}"]`)?.closest("tr").querySelector(".marks");
    const address = new URL(window.location.href);
    let number = Number(selectionForm().elements.page.value);
    for (let isLast = !marksOf(document); !isLast; number += 1) {
      address.searchParams.set("page", number);
      const answer = await fetch(address, { headers: { "HX-Request": "true" } });
      const list = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = marksOf(list);
      if (fresh) marksOf(document)?.replaceWith(fresh);
      isLast = Boolean(fresh) || !list.querySelector("tbody.more");
    }
  }
  let isFocusLost = false;
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isFocusLost || !event.target.closest("#selection-panel")) return;
    isFocusLost = false;
    (document.querySelector("#preflight .link-button[formaction]") ?? document.getElementById("compile"))?.focus();
  });

  // Also after the back button, when the browser has put the ticks back.
  window.addEventListener("pageshow", () => { remember(); foldFindings(); settleAll(); if (isAnythingTicked()) recheck(); });
})();
