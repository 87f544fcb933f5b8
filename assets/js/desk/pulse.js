// What happens meanwhile: counters and rows in place, nothing jumps; new ones wait behind a line; a banner in the open
// request; an alarm for an urgent one. A hidden tab asks nothing.
import { element } from "../icons.js";
import { say } from "../words.js";
import { edited, pane } from "./open.js";

// The toasts of app.js: a second copy of their module would listen twice.
const toast = (...all) => window.provodnik?.toast(...all);

const EVERY = 10000;
const EACH_FULL = 6; // counters depend on the time as well: once a minute they are asked for in any case
const home = document.body.dataset.pulse;
const served = Date.parse(document.querySelector("meta[name=now]")?.content || "") || Date.now();
let since = String(served * 1000);
let turn = 0;
let asking = false;
let again = false;
const fresh = new Set();

function counters(values) {
  for (const [key, { text, tone }] of Object.entries(values)) {
    const ending = key.startsWith("saved:") ? `&saved=${key.slice(6)}` : `?view=${CSS.escape(key)}`;
    for (const link of document.querySelectorAll(`.rail-link[href$="${ending}"]`)) {
      let place = link.querySelector(".rail-count");
      if (!place && text) { place = element("span", "rail-count"); link.append(place); }
      if (!place) continue;
      place.className = tone ? `rail-count tone-${tone}` : "rail-count";
      if (place.textContent !== text) place.textContent = text;
    }
    const heading = document.querySelector(`[data-view-count="${CSS.escape(key)}"]`);
    if (heading && heading.textContent !== text) heading.textContent = text;
  }
}

function place(row) {
  const shown = document.getElementById(`row-${row.number}`);
  if (!shown) {
    if (row.belongs) fresh.add(row.number);
    return;
  }
  const box = document.createElement("template");
  box.innerHTML = row.html;
  const made = box.content.firstElementChild;
  if (shown.getAttribute("aria-current")) made.setAttribute("aria-current", "true"); else made.removeAttribute("aria-current");
  if (!row.belongs) made.classList.add("is-away");
  if (shown.outerHTML === made.outerHTML) return;
  const focused = document.activeElement === shown;
  shown.replaceWith(made);
  if (focused) made.focus({ preventScroll: true });
}

function tellFresh() {
  const line = document.querySelector("[data-fresh]");
  if (!line || !document.getElementById("desk-list")) return;
  line.hidden = fresh.size === 0;
  const text = say("freshRequests", { count: fresh.size });
  const link = line.querySelector("[data-fresh-link]");
  if (link.textContent !== text) link.textContent = text;
}

function alarm({ number, text, url }) {
  const key = `alarm:${number}`;
  try { if (sessionStorage.getItem(key)) return; sessionStorage.setItem(key, "1"); } catch { /* private window */ }
  toast(text, { tone: "error", action: { label: say("show"), run: () => { location.href = url; } } });
}

function news(lines) {
  const banner = document.querySelector("[data-news]");
  if (!banner || !lines?.length) return;
  const text = lines.join(". ");
  const spot = banner.querySelector("[data-news-text]");
  if (spot.textContent !== text) spot.textContent = text;
  banner.hidden = false;
}

function here(told) {
  const spot = document.querySelector("[data-here]");
  if (!told || !spot) return;
  pane().dataset.hereMark = told.mark;
  spot.querySelector("[data-here-text]").textContent = told.text;
  spot.title = told.text;
  spot.hidden = !told.text;
}

async function ask(full) {
  if (!home) return;
  if (asking) { again = again || full; return; } // what happens during a question is asked about after it
  asking = true;
  try {
    const open = pane()?.dataset;
    const query = new URLSearchParams(document.body.dataset.query || "");
    query.set("since", since);
    if (full) query.set("full", "1");
    if (open?.number) {
      query.set("n", open.number);
      query.set("seen", open.seen || "0");
      query.set("here", open.hereMark || "");
      if (edited()) query.set("w", "1");
    }
    const answer = await fetch(`${home}?${query}`, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.status !== 200) return;
    const told = await answer.json();
    since = told.since;
    counters(told.counters);
    told.rows.forEach(place);
    tellFresh();
    news(told.news);
    here(told.here);
    told.alarms.forEach(alarm);
  } catch { /* no connection: the next turn tries again */ } finally {
    asking = false;
    if (again) { again = false; ask(true); }
  }
}

function beat() {
  if (document.hidden) return;
  turn += 1;
  ask(turn % EACH_FULL === 0);
}

if (home) {
  setInterval(beat, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(true); });
  document.addEventListener("desk:changed", () => ask(true));
  document.addEventListener("desk:pulse", () => ask(true));
  document.addEventListener("desk:opened", () => ask(false)); // to be seen there, and to see who is
  if (pane()?.dataset.number) ask(false);
  document.addEventListener("click", (event) => {
    const show = event.target.closest("[data-news-show]");
    if (!show || !window.htmx) return;
    event.preventDefault();
    window.htmx.ajax("GET", show.href, { target: "#pane", swap: "outerHTML" });
  });
}
