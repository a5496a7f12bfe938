// Small helps that HTML and htmx do not give. Every page works without this file.
"use strict";

// Asking before something is destroyed.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm || event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// What has no place of its own on the page is said above it, where it is heard: a failure, or what else one must know.
function show(kind, parts) {
  const box = document.getElementById("messages");
  const message = document.createElement("div");
  message.className = `alert alert-${kind}`;
  message.append(...parts);
  box.replaceChildren(message);
  box.scrollIntoView({ block: "nearest" });
  return message;
}
const say = (...parts) => show("danger", parts).setAttribute("role", "alert");
const note = (...parts) => show("warning", parts);
document.addEventListener("htmx:responseError", (event) => {
  const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const alert = answer.querySelector("[role=alert]");
  say(alert ? alert.textContent.trim() : "That did not work. Reload the page and try again.");
});
document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Nothing was changed."));

// A refused form tells its reason to those who do not see it.
function focusFirstError(root) {
  root.querySelector?.("[data-focus]")?.focus();
}
document.addEventListener("DOMContentLoaded", () => focusFirstError(document));
document.addEventListener("htmx:afterSwap", (event) => focusFirstError(event.target));

// Menus close on Escape and on a click elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Copying an address: the button is there only where it works.
function offerCopying(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll?.("[data-copy]") ?? []) button.hidden = false;
}
document.addEventListener("DOMContentLoaded", () => offerCopying(document));
document.addEventListener("htmx:afterSwap", (event) => offerCopying(event.target.parentElement ?? event.target));
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const before = button.innerHTML;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Could not copy";
  }
  setTimeout(() => { button.innerHTML = before; }, 2000);
});

// Parts that wait for something ask for themselves again.
function askAgain(root) {
  const parts = root.querySelectorAll?.("[data-ask-again]") ?? [];
  for (const part of parts) {
    if (part.dataset.asked) continue;
    part.dataset.asked = "yes";
    setTimeout(() => {
      if (part.isConnected) htmx.ajax("GET", part.dataset.askAgain, { target: part, source: part, swap: "outerHTML" });
    }, Number(part.dataset.seconds) * 1000);
  }
}
document.addEventListener("DOMContentLoaded", () => askAgain(document));
document.addEventListener("htmx:afterSettle", () => askAgain(document));

// A new project is, as a rule, where whoever creates it is.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("datalist[data-own-zone]");
  const field = list && document.querySelector(`input[list="${list.id}"]`);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && !field.value && [...list.options].some((option) => option.value === zone)) field.value = zone;
});
