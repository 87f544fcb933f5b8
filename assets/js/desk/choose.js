// Choosing several requests of the list and doing one thing to all of them. A mark stands in the free corner of each
// row; without script there is a page of its own with the same marks (desk/choose).
import { element, icon } from "../icons.js";
import { edit } from "./dialogs.js";
import { pane, rows } from "./open.js";
import { urls, word } from "./told.js";

const MOST = 200;
// Each by the key that does the same to one request (provodnik/desk/keys.py).
const STEPS = [["assign", "user-check", "s"], ["priority", "flag", "p"], ["tags", "tags", "d"], ["answer", "reply", "r"], ["close", "circle-check", "c"], ["merge", "merge", "m"]];
const list = () => document.getElementById("desk-rows");
const chosen = new Set();
let last = "";
let bar = null;

function mark(row) {
  const number = row.dataset.ticket;
  if (!number || row.previousElementSibling?.matches(`.row-check[data-of="${number}"]`)) return;
  const box = element("input", "checkbox checkbox-sm");
  box.type = "checkbox";
  box.dataset.choose = number;
  box.tabIndex = -1; // the key x does it from the row itself
  box.checked = chosen.has(number);
  box.setAttribute("aria-label", word("chooseOne", { number }));
  const label = element("label", "row-check", box);
  label.dataset.of = number;
  row.before(label);
}

function tidy() {
  if (!list() || !urls.bulk) return;
  for (const row of rows()) mark(row);
  for (const label of list().querySelectorAll(".row-check")) {
    if (label.nextElementSibling?.dataset.ticket !== label.dataset.of) label.remove();
  }
}

function boxes() { return [...document.querySelectorAll("#desk-rows [data-choose]")]; }

function set(box, on) {
  if (on && chosen.size >= MOST && !chosen.has(box.dataset.choose)) return;
  box.checked = on;
  if (on) chosen.add(box.dataset.choose); else chosen.delete(box.dataset.choose);
}

export function clear() {
  chosen.clear();
  for (const box of boxes()) box.checked = false;
  show();
}

/** All that the list shows; false where there is nothing to choose. */
export function chooseAll() {
  for (const box of boxes()) set(box, true);
  show();
  return chosen.size > 0;
}

function address(what) {
  const query = new URLSearchParams(document.body.dataset.query || "");
  for (const number of chosen) query.append("n", number);
  return `${urls.bulk}${what}?${query}`;
}

function button(text, name, run, css = "btn btn-quiet btn-sm") {
  const made = element("button", css, icon(name, "sm"), element("span", "", text));
  made.type = "button";
  made.addEventListener("click", run);
  return made;
}

function make() {
  const count = element("span", "font-semibold whitespace-nowrap");
  count.dataset.count = "";
  count.setAttribute("role", "status");
  const all = element("button", "link-tap", element("span", ""));
  all.type = "button";
  all.addEventListener("click", chooseAll);
  all.dataset.all = "";
  const off = element("button", "icon-button -my-2 text-muted ml-auto", icon("x", "sm"));
  off.type = "button";
  off.setAttribute("aria-label", word("chooseNone"));
  off.addEventListener("click", () => { clear(); (rows()[0])?.focus({ preventScroll: true }); });
  const steps = element("div", "desk-chosen-steps", ...STEPS.map(([what, name, key]) => {
    const made = button(word(`bulk_${what}`), name, () => edit(address(what)));
    made.dataset.key = key;
    made.setAttribute("aria-keyshortcuts", key);
    return made;
  }));
  bar = element("section", "desk-chosen", element("div", "flex items-center gap-3", count, all, off), steps);
  bar.setAttribute("aria-label", word("chooseBar"));
  document.getElementById("desk-list").append(bar);
}

function show() {
  if (!list()) return;
  list().classList.toggle("is-choosing", chosen.size > 0);
  for (const box of boxes()) box.tabIndex = chosen.size ? 0 : -1;
  if (!chosen.size) { if (bar) bar.hidden = true; return; }
  if (!bar?.isConnected) make();
  bar.hidden = false;
  bar.querySelector("[data-count]").textContent = word("chosen", { count: chosen.size });
  const left = boxes().filter((box) => !box.checked).length;
  const all = bar.querySelector("[data-all]");
  all.hidden = !left;
  all.querySelector("span").textContent = word("chooseAll", { count: boxes().length });
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-choose]");
  if (!box || !list()?.contains(box)) return;
  const all = boxes();
  const [from, to] = [all.findIndex((one) => one.dataset.choose === last), all.indexOf(box)];
  if (event.shiftKey && from >= 0) {
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(one, box.checked);
  } else set(box, box.checked);
  last = box.dataset.choose;
  show();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !chosen.size || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select")) return;
  event.preventDefault();
  clear();
});

// What became of the step: a notice with its undo; what was refused stays in the dialog with its reasons.
document.addEventListener("desk:bulk", (event) => {
  const { text, tone, refused, undo, label } = event.detail;
  const dialog = document.getElementById("desk-dialog");
  if (!refused && dialog?.open) dialog.close();
  const back = undo && { label, run: () => window.htmx.ajax("POST", undo, { target: "#desk-dialog-body", swap: "none" }) };
  window.provodnik?.toast(text, { tone, action: back || null });
  clear();
  const open = pane()?.dataset.number;
  if (open) window.htmx.ajax("GET", location.href, { target: "#pane", swap: "outerHTML" });
  document.dispatchEvent(new CustomEvent("desk:pulse"));
});

if (document.getElementById("desk-list")) {
  tidy();
  new MutationObserver(tidy).observe(document.getElementById("desk-list"), { childList: true, subtree: true });
}
