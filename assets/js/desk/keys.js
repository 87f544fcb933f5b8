// The keyboard. What counts is the place of the key, so the Russian layout works like the Latin one.
import { edit } from "./dialogs.js";
import { current, open, pane, rows } from "./open.js";

const typing = (node) => node?.closest?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
const dialogOpen = () => document.querySelector("dialog[open]");

function row() {
  const focused = document.activeElement?.closest?.("#desk-rows .ticket-row");
  return focused || current();
}

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(row());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  if (next >= all.length) {
    const more = document.querySelector("#desk-rows [data-more]");
    if (more) {
      more.click();
      document.addEventListener("htmx:afterSettle", () => focus(rows()[next]), { once: true });
    }
    return;
  }
  focus(all[Math.max(0, next)]);
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

function mode(key) {
  const radio = document.querySelector(`#say input[data-key="${key}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("id_text")?.focus();
  return true;
}

function press(key) {
  const node = [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => one.offsetParent);
  if (node?.matches("a[data-dialog]")) edit(node.href);
  else node?.click();
  return Boolean(node);
}

const VIEWS = { KeyM: "mine", KeyN: "new", KeyA: "open", KeyU: "unassigned", KeyO: "overdue", KeyC: "clarification" };
let afterG = 0;

function act(event) {
  if (afterG && Date.now() - afterG < 1500) {
    afterG = 0;
    const view = VIEWS[event.code];
    if (view) { location.href = `/desk/?view=${view}`; return true; }
  }
  switch (event.code) {
    case "KeyJ": go(1); return true;
    case "KeyK": go(-1); return true;
    case "KeyO": if (row()) row().click(); return true;
    case "KeyR": return mode("r");
    case "KeyN": return mode("n");
    case "KeyA": return mode("a");
    case "KeyC": return mode("c");
    case "KeyT": return press("t");
    case "KeyS": return press("s");
    case "KeyP": return press("p");
    case "KeyG": afterG = Date.now(); return true;
    default: return false;
  }
}

function search() {
  const field = [...document.querySelectorAll("#q, #desk-search")].find((one) => one.offsetParent);
  if (field) { field.focus(); field.select(); } else location.href = "/desk/search";
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = document.activeElement?.form;
    if (form && document.activeElement.matches("textarea, input, select")) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") { event.preventDefault(); search(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && !dialogOpen() && typing(document.activeElement)) {
    document.activeElement.blur();
    (current() || document.getElementById("desk-rows"))?.focus({ preventScroll: true });
    return;
  }
  if (dialogOpen() || typing(event.target)) return;
  if (event.key === "?" || (event.shiftKey && event.code === "Slash") || (event.shiftKey && event.code === "Digit7")) {
    const keys = document.getElementById("desk-keys");
    if (keys?.showModal) { event.preventDefault(); keys.showModal(); }
    return;
  }
  if (event.key === "/" || event.key === "." && event.code === "Slash") { event.preventDefault(); search(); return; }
  if (!event.shiftKey && act(event)) event.preventDefault();
});
