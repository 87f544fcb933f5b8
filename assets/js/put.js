// Words put into a text: [data-put] into the field of id [data-put-into]; [data-say-words] asks the server for them
// (it looks once more whether the requester may read them) and puts them into the answer.
import { toast } from "./toast.js";
import { say } from "./words.js";

export function put(field, words) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = value.slice(0, start);
  const glue = before && !/\s$/.test(before) ? "\n\n" : "";
  field.setRangeText(glue + words, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-put], [data-say-words]");
  if (!button) return;
  const field = document.getElementById(button.dataset.putInto || "id_text");
  if (!field) return;
  if (button.dataset.put) { put(field, button.dataset.put); return; }
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.sayWords, { headers: { Accept: "application/json" }, redirect: "manual" });
    const told = answer.status === 200 ? await answer.json() : {};
    if (told.text) put(field, told.text); else toast(told.reason || say("failed"), { tone: "error" });
  } catch { toast(say("noConnection"), { tone: "error" }); } finally { button.disabled = false; }
});
