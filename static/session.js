// What somebody typed is not lost with his session. Before a form that was filled in leaves the page, the server is asked
// whether he is still signed in; if not, the page stays, and goes on in the session that he begins in another tab.
"use strict";

const page = document.body.dataset;
let isSignedOut = false;

// The token that forms need changes with the session. True, false, undefined when nobody knows, and null when somebody else has
// signed in here since, who is told.
async function renewSession() {
  try {
    const answer = await fetch(page.session, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") return false;
    if (answer.status === 409) return tellAnother();
    if (!answer.ok) return undefined;
    const token = (await answer.json()).csrf_token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    return true;
  } catch {
    return undefined;
  }
}

function tellSignedOut() {
  isSignedOut = true;
  const link = document.createElement("a");
  link.href = page.signIn;
  link.target = "_blank";
  link.textContent = "Sign in in a new tab";
  say("You are signed out. What you entered is still here and not yet saved. ", link, ", then come back and save.");
}

function tellAnother() {
  say("Somebody else has signed in here since this page was opened, so nothing was saved. Copy what you need, then reload the page.");
  return null;
}

const isFilledIn = (form) => "filledIn" in form.dataset;
const sentByHtmx = (form) => form.hasAttribute("hx-post") && !form.hasAttribute("hx-trigger");

for (const kind of ["input", "paste"]) {
  document.addEventListener(kind, (event) => {
    const { form } = event.target;
    if (form) form.dataset.filledIn = "";
  });
}

// Before every other listener: asked first, what else there is to ask is asked once, by the second submit.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!page.session || form.getAttribute("method") !== "post" || sentByHtmx(form)) return;
  if (!isFilledIn(form) || "known" in form.dataset) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if ("asking" in form.dataset) return;
  const { submitter } = event;
  form.dataset.asking = "";
  const isKnown = await renewSession();
  delete form.dataset.asking;
  if (isKnown) {
    form.dataset.known = "";
    form.requestSubmit(submitter);
    delete form.dataset.known;
  } else if (isKnown === false) tellSignedOut();
  else if (isKnown === undefined) say("The server cannot be reached. What you entered is still here and not yet saved; try again in a moment.");
}, true);

// Asked in the background, the server sends whoever is signed out to sign in: not away from what he typed.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const target = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!target?.startsWith(page.signIn) || ![...document.forms].some(isFilledIn)) return;
  event.preventDefault();
  tellSignedOut();
});
document.addEventListener("htmx:responseError", async (event) => {
  if (!event.detail.xhr.getResponseHeader("X-Page-Expired")) return;
  const isKnown = await renewSession();
  if (isKnown === false) tellSignedOut();
  else if (isKnown) say("You have signed in again since this page was opened. It is up to date now: try again.");
});
document.addEventListener("visibilitychange", async () => {
  if (!isSignedOut || document.visibilityState !== "visible" || !(await renewSession())) return;
  isSignedOut = false;
  say("You are signed in again. What you entered is still here; save it now.");
});
