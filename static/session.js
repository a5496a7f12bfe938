// What somebody typed is not lost with his session. Before a form that was filled in leaves the page, the server is asked
// whether he is still signed in; if not, the page stays, and goes on in the session that he begins in another tab.
"use strict";

const page = document.body.dataset;
// Milliseconds; who waits longer for so short an answer would think that his click was not noticed.
const PATIENCE = 15_000;
let isSignedOut = false;

// What this browser's session is to the page: "ours", and the forms have the token that they need in it; "ended"; "another's", who
// has signed in here since; "unknown", when the server does not say.
async function session() {
  try {
    const answer = await fetch(page.session, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.type === "opaqueredirect") return "ended";
    if (answer.status === 409) return "another's";
    if (!answer.ok) return "unknown";
    const token = (await answer.json()).csrf_token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    return "ours";
  } catch {
    return "unknown";
  }
}

function tell(state) {
  isSignedOut ||= state === "ended";
  if (state === "unknown") say("The server cannot be reached. What you entered is still here and not yet saved; try again in a moment.");
  else if (state === "another's")
    say("Somebody else has signed in here since this page was opened, so nothing was saved. Copy what you need, then reload the page.");
  else {
    const link = document.createElement("a");
    link.href = page.signIn;
    link.target = "_blank";
    link.textContent = "Sign in in a new tab";
    say("You are signed out. What you entered is still here and not yet saved. ", link, ", then come back and save.");
  }
}

const isFilledIn = (form) => "filledIn" in form.dataset;
const sentByHtmx = (form) => form.hasAttribute("hx-post") && !form.hasAttribute("hx-trigger");

for (const kind of ["input", "paste"]) {
  document.addEventListener(kind, (event) => {
    const { form } = event.target;
    if (form) form.dataset.filledIn = "";
  });
}

// A page that came back for something wrong holds what was typed before.
for (const field of document.querySelectorAll("[aria-invalid=true]")) if (field.form) field.form.dataset.filledIn = "";

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
  const state = await session();
  delete form.dataset.asking;
  if (state !== "ours") return tell(state);
  form.dataset.known = "";
  form.requestSubmit(submitter);
  delete form.dataset.known;
}, true);

// Asked in the background, the server sends whoever is signed out to sign in: not away from what he typed.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const target = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!target?.startsWith(page.signIn) || ![...document.forms].some(isFilledIn)) return;
  event.preventDefault();
  tell("ended");
});
document.addEventListener("htmx:responseError", async (event) => {
  if (!event.detail.xhr.getResponseHeader("X-Page-Expired")) return;
  const state = await session();
  if (state === "ours") say("You have signed in again since this page was opened. It is up to date now: try again.");
  else if (state !== "unknown") tell(state);
});
document.addEventListener("visibilitychange", async () => {
  if (!isSignedOut || document.visibilityState !== "visible") return;
  const state = await session();
  if (state === "another's") tell(state);
  if (state !== "ours") return;
  isSignedOut = false;
  note("You are signed in again. What you entered is still here; save it now.");
});
