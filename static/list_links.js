// A link of the list changes one thing of its view and keeps the rest: also what was chosen or typed
// a moment ago, while the list that shows it is still on its way.
"use strict";
(() => {
  const isSame = (name, one, other) => one.getAll(name).sort().join("\n") === other.getAll(name).sort().join("\n");

  function setField(field, wanted) {
    if (field.type === "checkbox") field.checked = wanted.includes(field.value);
    else field.value = wanted[0] ?? field.options?.[0].value ?? "";
  }

  // The filter form says what the next list shows, so it is changed as the link asks, and the list is
  // asked for as the form says.
  document.addEventListener("htmx:configRequest", (event) => {
    const link = event.target.closest("a[data-view]");
    if (!link) return;
    const form = document.getElementById("list-form");
    const shown = new URL(document.getElementById("invoice-list").dataset.here, window.location).searchParams;
    const asked = new URL(link.href).searchParams;
    for (const field of form.elements)
      if (field.name && (link.dataset.view === "whole" || !isSame(field.name, shown, asked)))
        setField(field, asked.getAll(field.name));
    event.detail.path = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  });
})();
