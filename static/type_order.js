// Document types are moved up and down by buttons instead of by typing their places.
"use strict";

function numberPlaces(list) {
  [...list.children].forEach((row, at, rows) => {
    row.querySelector(".type-place").value = at + 1;
    row.querySelector("[data-move='-1']").disabled = at === 0;
    row.querySelector("[data-move='1']").disabled = at === rows.length - 1;
  });
}

function setUpTypes(root) {
  for (const list of root.querySelectorAll(".type-rows:not(.is-movable)")) {
    list.classList.add("is-movable");
    for (const moves of list.querySelectorAll(".type-moves")) moves.hidden = false;
    numberPlaces(list);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".type-rows [data-move]");
  if (!button) return;
  const row = button.closest("li");
  if (button.dataset.move === "-1") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  numberPlaces(row.parentElement);
  // Who moves a type means the order to be followed.
  row.closest(".types-in").querySelector("[name=sort_types]").checked = true;
  (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button)?.focus();
});
document.addEventListener("DOMContentLoaded", () => setUpTypes(document));
document.addEventListener("htmx:afterSettle", () => setUpTypes(document));
