// The keyboard. The table comes from the server (provodnik/desk/keys.py); what counts is the place of the key, so the
// Russian layout works like the Latin one. Nothing of it works while one types, but what is meant for that.
import { chooseAll } from "./choose.js";
import { edit } from "./dialogs.js";
import { current, open, pane, rows } from "./open.js";
import { keys, urls } from "./told.js";
import { recallLast } from "./unsent.js";
import { help } from "./help.js";
import { macros } from "./macros.js";

const typing = (node) => node?.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
const dialogOpen = () => document.querySelector("dialog[open]");

function row() {
  const focused = document.activeElement?.closest?.("#desk-rows .ticket-row");
  return focused || current();
}

function go(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(row());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  if (next >= all.length) {
    const more = document.querySelector("#desk-rows [data-more]");
    if (more) {
      more.click();
      document.addEventListener("htmx:afterSettle", () => focus(rows()[next]), { once: true });
    }
    return true;
  }
  focus(all[Math.max(0, next)]);
  return true;
}

function focus(node) {
  if (!node) return;
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
  // Beside an open request the next one opens at once; with the list alone one walks and then opens.
  if (node.dataset.ticket && pane()?.dataset.number && matchMedia("(width >= 64rem)").matches) later(node.href);
}

let timer = 0;
function later(href) {
  clearTimeout(timer);
  timer = setTimeout(() => open(href), 90); // a held key goes along the list without asking for every request
}

const tab = (key) => document.querySelector(`#say input[data-key="${key}"]`);
function mode(key) {
  const radio = tab(key);
  if (!radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("id_text")?.focus();
  return true;
}

// With requests chosen their own steps go first, unless one is inside an open request.
const together = (key) => !pane()?.contains(document.activeElement)
  && document.querySelector(`.desk-chosen:not([hidden]) [data-key="${key}"]`);

// What is seen first, of messages the newest; in a menu that is closed it works as well.
function target(key) {
  const bulk = together(key);
  if (bulk) return bulk;
  const all = [...document.querySelectorAll(`[data-key="${key}"]`)];
  if (key === "S") all.reverse();
  return all.find((one) => one.offsetParent) || all[0];
}
function press(key) {
  const node = target(key);
  if (node?.matches("a[data-dialog]")) edit(node.href); else node?.click();
  return Boolean(node);
}

function search() {
  const field = [...document.querySelectorAll("#q, #desk-search")].find((one) => one.offsetParent);
  if (field) { field.focus(); field.select(); } else location.href = urls.search;
  return true;
}

function choose() {
  const mark = document.querySelector(`[data-choose="${row()?.dataset.ticket}"]`);
  mark?.click();
  return Boolean(mark);
}

function leave() {
  if (dialogOpen() || !typing(document.activeElement)) return false;
  document.activeElement.blur();
  (current() || document.getElementById("desk-scroll") || document.getElementById("desk-rows"))?.focus({ preventScroll: true });
  return true;
}

function send() {
  const form = document.activeElement?.form;
  if (!form || !document.activeElement.matches("textarea, input, select")) return false;
  form.requestSubmit();
  return true;
}

const CALLS = {
  next: () => go(1),
  previous: () => go(-1),
  open: () => { row()?.click(); return Boolean(row()); },
  list: () => { (current() || rows()[0])?.focus(); return rows().length > 0; },
  choose,
  chooseAll: () => chooseAll(),
  leave,
  send,
  search,
  macros,
  recall: recallLast,
  help: () => { help(); return true; },
  palette: () => { document.dispatchEvent(new CustomEvent("palette:open")); return true; },
};

/** Whether the key has something to do on this page. */
export function isThere(key) {
  if (key.does === "press") return Boolean(target(key.arg));
  if (key.does === "mode") return Boolean(together(key.arg) || tab(key.arg));
  if (key.arg === "macros") return Boolean(document.getElementById("say"));
  if (key.arg === "choose" || key.arg === "chooseAll") return Boolean(document.querySelector("[data-choose]"));
  return true;
}

export function carryOut(key) {
  if (key.does === "press") return press(key.arg);
  if (key.does === "mode") return together(key.arg) ? press(key.arg) : mode(key.arg);
  if (key.does === "go") { location.href = key.arg; return true; }
  return CALLS[key.arg]?.() || false;
}

const table = new Map(keys.map((key) => [key.codes.join(" "), key]));
const firsts = new Set(keys.filter((key) => key.codes.length > 1).map((key) => key.codes[0]));
let first = "";
let since = 0;

// «?» and «/» stand elsewhere in the Russian layout: there the sign counts, or its place, whichever is meant.
function name(event) {
  if (event.key === "?") return "Shift+Slash";
  if (event.key === "/" && !event.ctrlKey) return "Slash";
  const code = event.code === "NumpadEnter" ? "Enter" : event.code;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  return `${control}${event.shiftKey ? "Shift+" : ""}${code}`;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.altKey) return;
  const pressed = name(event);
  const busy = Boolean(typing(event.target));
  const second = first && Date.now() - since < 1500 ? table.get(`${first} ${pressed}`) : undefined;
  const key = second || table.get(pressed);
  first = "";
  if (!key) {
    if (firsts.has(pressed) && !busy && !dialogOpen()) { [first, since] = [pressed, Date.now()]; event.preventDefault(); }
    return;
  }
  if ((busy || dialogOpen()) && !key.typing) return;
  if (dialogOpen() && key.arg !== "send") return;
  if (carryOut(key)) event.preventDefault();
});
