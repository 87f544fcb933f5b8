// A prepared answer in the editor: its text where the caret is, its mode and resolution chosen, and a line that says
// what happens together with sending.
import { element } from "../icons.js";
import { word } from "./told.js";

const box = () => document.getElementById("say");
let place = null; // where «/» was typed

function deeds(macro) {
  const line = box().querySelector("[data-deeds]");
  if (!line) return;
  line.hidden = !macro || !macro.deeds.length;
  line.replaceChildren();
  if (line.hidden) return;
  const away = element("button", "link-plain ml-2", word("withoutMacro"));
  away.type = "button";
  away.addEventListener("click", () => { box().elements.macro.value = ""; deeds(null); });
  line.append(word("together", { deeds: macro.deeds.join(", ") }), away);
}

export async function insert(macro) {
  if (macro.apply) {
    await window.htmx.ajax("POST", macro.apply + location.search, { target: "#pane", swap: "outerHTML" });
    return;
  }
  const form = box();
  const text = form?.elements.text;
  if (!text) return;
  const mode = form.querySelector(`input[name=mode][value="${macro.mode}"]`);
  if (mode) mode.checked = true;
  if (macro.resolution && form.elements.resolution) form.elements.resolution.value = macro.resolution;
  form.elements.macro.value = macro.id;
  const [from, to] = place || [text.selectionStart, text.selectionEnd];
  place = null;
  text.focus();
  text.setRangeText(macro.text, from, to, "end");
  const gap = text.value.search(/\{[^{}\n]{1,60}\}/);
  if (gap >= 0) text.setSelectionRange(gap, text.value.indexOf("}", gap) + 1);
  deeds(macro);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

const start = () => document.dispatchEvent(new CustomEvent("palette:open", { detail: "macros" }));

// «/» at the beginning of a line, whatever the layout types it by.
document.addEventListener("input", (event) => {
  const text = event.target;
  if (text.id !== "id_text" || event.inputType !== "insertText" || event.data !== "/") return;
  const before = text.selectionStart - 1;
  if (before > 0 && text.value[before - 1] !== "\n") return;
  place = [before, before + 1];
  start();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-macro-open]")) return;
  place = null;
  start();
});
export function macros() {
  if (!box()) return false;
  place = null;
  start();
  return true;
}
