// «?»: all keys, from the same table that drives them.
import { element } from "../icons.js";
import { makeDialog } from "./dialog.js";
import { keys, word } from "./told.js";

function caps(shown) {
  return shown.split(" ").flatMap((cap, index) => [index ? " " : "", element("kbd", "kbd", cap)]);
}

function make() {
  const groups = new Map();
  for (const key of keys) {
    if (!groups.has(key.group)) groups.set(key.group, element("dl", "facts keys-list"));
    groups.get(key.group).append(element("div", "", element("dt", "", key.label), element("dd", "whitespace-nowrap", ...caps(key.shown))));
  }
  const sheet = element("div", "keys-sheet");
  for (const [group, list] of groups) sheet.append(element("section", "", element("h3", "text-fine font-medium text-muted mb-1", group), list));
  const dialog = makeDialog("desk-keys", word("keys"), sheet, element("p", "text-small text-muted mt-4", word("layout")));
  dialog.classList.add("dialog-wide");
  return dialog;
}

export function help() {
  const dialog = document.getElementById("desk-keys") || make();
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => { if (event.target.closest("[data-open=desk-keys]")) help(); });
