// What is not sent yet: the draft goes to the server while one types; an answer on its way counts its seconds and can
// be taken back, by its button or by «z», also when another request is open by then.
import { edited, open, pane } from "./open.js";
import { firm, word } from "./told.js";

const box = () => document.getElementById("say");
const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
let timer = 0;

function status(text) {
  const spot = box()?.querySelector("[data-draft-status]");
  if (spot) spot.textContent = text;
}

async function keep(form) {
  clearTimeout(timer);
  timer = 0;
  const values = new URLSearchParams();
  for (const name of ["key", "mode", "text", "resolution", "macro"]) {
    const field = form.elements[name];
    if (field) values.set(name, field.value ?? "");
  }
  try {
    const answer = await fetch(form.dataset.draftUrl, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      body: values,
      redirect: "manual",
      keepalive: values.toString().length < 60000,
    });
    const told = await answer.json();
    if (form.dataset.sent) return;
    if (told.refused) { if (form === box()) status(told.refused); return; }
    form.dispatchEvent(new CustomEvent("draft:kept", { bubbles: true })); // the copy of this browser is not needed
    if (form === box()) status(told.at ? word("draftAt", { time: firm(told.at) }) : "");
  } catch {
    if (form === box()) status(word("draftFailed"));
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.draftUrl || event.target.type === "file") return;
  clearTimeout(timer);
  timer = setTimeout(() => keep(form), 1200);
});
document.addEventListener("submit", (event) => { if (event.target.dataset.draftUrl) { clearTimeout(timer); timer = 0; } }, true);
// Leaving for another request or another page keeps what was typed a moment ago.
const flush = () => { const form = box(); if (timer && form) keep(form); };
document.addEventListener("desk:leaving", flush);
addEventListener("pagehide", flush);

// Answers on their way: of this page, whichever request is open.
const waiting = new Map(); // id → {until, url, place, toast}

function held({ id, url, place, seconds, text }) {
  const toast = window.provodnik?.toast;
  if (waiting.has(id) || !toast) return;
  const away = toast(text, { tone: "success", stays: seconds * 1000, action: { label: `${word("recall")} (z)`, run: () => recall(id) } });
  waiting.set(id, { until: Date.now() + seconds * 1000, url, place, away });
  setTimeout(() => waiting.delete(id), seconds * 1000);
}

async function recall(id) {
  const one = waiting.get(id);
  if (!one) return;
  waiting.delete(id);
  one.away?.();
  document.dispatchEvent(new CustomEvent("desk:leaving"));
  const query = one.place.split("?")[1] || "";
  await window.htmx.ajax("POST", `${one.url}?${query}`, { target: "#pane", swap: "outerHTML" });
  history.pushState({ desk: true }, "", one.place);
  box()?.elements.text?.focus();
}

/** Take back the newest: of the open request, else the last that was sent from this page. */
export function recallLast() {
  const button = pane()?.querySelector("[data-onway] button");
  if (button) { button.click(); return true; }
  const last = [...waiting.keys()].pop();
  if (last === undefined) return false;
  recall(last);
  return true;
}

document.addEventListener("desk:held", (event) => held(event.detail));
document.addEventListener("desk:go", (event) => {
  const { url, draft } = event.detail;
  if (draft) document.dispatchEvent(new CustomEvent("draft:forget", { detail: draft }));
  open(url);
});

// The card in the request: seconds that run, and the sent message in its place when they are over.
function tick() {
  for (const card of document.querySelectorAll("[data-onway]")) {
    const left = Math.ceil((Date.parse(card.dataset.release) - now()) / 1000);
    const spot = card.querySelector("[data-onway-left]");
    const text = `, ${left > 0 ? firm(word("inSeconds", { seconds: left })) : word("leaving")}`;
    if (spot.textContent !== text) spot.textContent = text;
    const looked = Number(card.dataset.looked || 0);
    if (left < -1 - 2 * looked && looked < 8) { card.dataset.looked = looked + 1; look(card); }
  }
}

function look(card) {
  const number = pane()?.dataset.number;
  if (!number || edited() || document.querySelector("dialog[open]")) return;
  const tries = card.dataset.looked;
  open(location.href, { push: false, quiet: true }).then(() => {
    for (const again of document.querySelectorAll("[data-onway]")) again.dataset.looked = tries;
  });
}

const opened = Date.now();
const served = Date.parse(document.querySelector("meta[name=now]")?.content || "") || opened;
const now = () => served + (Date.now() - opened);
setInterval(tick, 500);
