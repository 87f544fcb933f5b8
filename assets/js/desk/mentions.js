// «@» in a note offers the people of the desk: arrows choose, Enter or Tab puts the login in, Escape puts the list away.
import { element } from "../icons.js";
import { urls, word } from "./told.js";

const BEFORE = /(?:^|[\s(«"])@([\p{L}\p{N}._+-]{0,60})$/u;
let box = null;
let asked = 0;

const field = (node) => (node?.id === "id_text" && node.form?.querySelector('input[name="mode"][value="note"]')?.checked ? node : null);
const options = () => [...(box?.querySelectorAll("button") || [])];
const current = () => options().find((one) => one.dataset.on);

function away() { box?.remove(); box = null; }

function put(text, login) {
  const start = text.selectionStart;
  const typed = text.value.slice(0, start).match(BEFORE);
  if (typed) text.setRangeText(`@${login} `, start - typed[1].length - 1, start, "end");
  away();
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function on(one) {
  for (const other of options()) delete other.dataset.on;
  if (one) one.dataset.on = "1";
}

function show(text, people) {
  away();
  if (!people.length) return;
  const status = element("span", "sr-only", word("mentions", { names: people.map((one) => one.name).join(", ") }));
  status.setAttribute("role", "status");
  box = element("div", "mention-box", status);
  for (const { login, name } of people) {
    const one = element("button", "mention", element("span", "", name), element("span", "text-muted", ` @${login}`));
    one.type = "button";
    one.tabIndex = -1;
    one.addEventListener("mousedown", (event) => { event.preventDefault(); put(text, login); });
    one.dataset.login = login;
    box.append(one);
  }
  on(options()[0]);
  text.before(box);
}

document.addEventListener("input", async (event) => {
  const text = field(event.target);
  const typed = text && urls.people && text.value.slice(0, text.selectionStart).match(BEFORE);
  if (!typed) { away(); return; }
  asked += 1;
  const mine = asked;
  try {
    const answer = await fetch(`${urls.people}?q=${encodeURIComponent(typed[1])}`, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.status === 200 && mine === asked && document.activeElement === text) show(text, (await answer.json()).people);
  } catch { /* no connection: the login can be typed */ }
});

document.addEventListener("keydown", (event) => {
  if (!box || !field(event.target) || event.isComposing) return;
  const all = options();
  const at = all.indexOf(current());
  if (event.key === "ArrowDown" || event.key === "ArrowUp") on(all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") put(event.target, current().dataset.login);
  else if (event.key === "Escape") away();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("focusout", (event) => { if (box && event.target.id === "id_text") away(); });
