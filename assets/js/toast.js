// Short notices in the corner. The region in the page is aria-live, so they are read out; errors stay until put away.
import { element, icon } from "./icons.js";
import { say } from "./words.js";

const ICONS = { success: "circle-check", info: "info", warning: "triangle-alert", error: "circle-alert" };
const STAYS = 8000;

/** Show `text` for `stays` ms. `action` is {label, run}: the undo of what just happened. Returns a function that takes it away. */
export function toast(text, { tone = "info", action = null, stays = STAYS } = {}) {
  const region = document.getElementById("toasts");
  if (!region) return () => {};
  const mark = element("span", "tinted pt-0.5", icon(ICONS[tone] || "info"));
  const words = element("div", "grow min-w-0 self-center");
  words.textContent = text.replace(/№ /g, "№\u00a0"); // a number stays with its sign
  const card = element("div", `toast-card tone-${tone}`, mark, words);
  if (tone === "error") card.setAttribute("role", "alert");
  const away = () => card.remove();
  if (action) {
    const button = element("button", "link-tap -my-2 px-2");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => { away(); action.run(); });
    card.append(button);
  }
  const close = element("button", "icon-button -my-2 text-muted", icon("x", "sm"));
  close.type = "button";
  close.setAttribute("aria-label", say("close"));
  close.addEventListener("click", away);
  card.append(close);
  region.append(card);
  while (region.children.length > 4) region.firstElementChild.remove();
  if (tone !== "error") hideLater(card, away, stays);
  return away;
}

// Whoever is reading or reaching for «undo» is not hurried.
function hideLater(card, away, stays) {
  let timer = setTimeout(away, stays);
  const hold = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = setTimeout(away, Math.min(stays, STAYS / 2)); };
  card.addEventListener("pointerenter", hold);
  card.addEventListener("pointerleave", go);
  card.addEventListener("focusin", hold);
  card.addEventListener("focusout", go);
}

// From a view: HX-Trigger: {"toast": {"text": "…", "tone": "success"}}
document.addEventListener("toast", (event) => {
  const { text, tone } = event.detail || {};
  if (text) toast(text, { tone });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) (button.closest("[data-toast]") || button.closest("section, div"))?.remove();
});
