// Ctrl+K: requests, views, pages and actions by a piece of their name; «/» in the editor: prepared answers. A list of
// options under one field (WAI-ARIA combobox). What the page itself knows is found without a connection too.
import { element, icon } from "../icons.js";
import { makeDialog } from "./dialog.js";
import { insert } from "./macros.js";
import { carryOut, isThere } from "./keys.js";
import { open, pane } from "./open.js";
import { keys, urls, word } from "./told.js";

const LAYOUT = Object.fromEntries([..."qwertyuiop[]asdfghjkl;'zxcvbnm,."].map((latin, at) => [latin, "йцукенгшщзхъфывапролджэячсмитьбю"[at]]));
const plain = (text) => text.toLowerCase().replaceAll("ё", "е");
const russian = (text) => [...text].map((sign) => LAYOUT[sign] || sign).join("");

let dialog = null;
let field = null;
let list = null;
let only = ""; // "macros": nothing but prepared answers
let shown = [];
let at = 0;
let found = [];
let offline = false;
let asked = 0;
let timer = 0;
let prepared = [];

function make() {
  field = element("input", "input w-full");
  Object.assign(field, { type: "text", id: "palette-field", autocomplete: "off", maxLength: 200 });
  const attributes = { role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "data-no-draft": "" };
  for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
  list = element("div", "palette-list");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  dialog = makeDialog("palette", word("palette"), element("div", "mt-2", field), list);
  dialog.classList.add("palette");
  field.addEventListener("input", () => { at = 0; draw(); later(); });
  field.addEventListener("keydown", steer);
  list.addEventListener("click", (event) => { const row = event.target.closest("[role=option]"); if (row) choose(Number(row.dataset.at)); });
}

function matches(label, typed) {
  const known = plain(label);
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return words.every((one) => known.includes(one)) || words.every((one) => known.includes(russian(one)));
}

function links() {
  const seen = new Set();
  return [...document.querySelectorAll(".rail .rail-link")].flatMap((link) => {
    const label = link.querySelector("span")?.textContent.trim() || "";
    if (!label || seen.has(link.href)) return [];
    seen.add(link.href);
    return [{ group: word("pages"), label, note: link.querySelector(".rail-count")?.textContent || "", icon: "layout-list", run: () => { location.href = link.href; } }];
  });
}

function deeds() {
  return keys.filter((key) => key.palette && isThere(key)).map((key) => ({
    group: key.does === "go" ? word("pages") : word("actions"),
    label: key.label,
    kbd: key.shown,
    icon: key.icon || "chevron-right",
    run: () => carryOut(key),
  }));
}

const answers = () => prepared.map((macro) => ({
  group: word("macros"),
  label: macro.title,
  note: macro.deeds.join(", "),
  below: macro.text,
  icon: "file-text",
  run: () => insert(macro),
}));

const requests = () => found.map((one) => ({
  group: word("requests"),
  label: `${one.number} ${one.subject}`,
  below: one.about,
  icon: "inbox",
  run: () => open(one.url),
}));

function options(typed) {
  if (only === "macros") return answers().filter((one) => matches(`${one.label} ${one.below}`, typed));
  const local = [...deeds(), ...links()].filter((one) => matches(one.label, typed));
  const macros = typed ? answers().filter((one) => matches(one.label, typed)).slice(0, 5) : [];
  const rest = typed ? [{ group: word("requests"), label: word("searchFor", { text: typed }), icon: "search", run: () => { location.href = `${urls.search}?q=${encodeURIComponent(typed)}`; } }] : [];
  const number = typed.match(/^[№#]?\s*(\d{1,15})$/)?.[1]; // a number is opened without waiting for the search
  const exact = number ? [{ group: word("requests"), label: word("openNumber", { number }), icon: "inbox", run: () => open(`${urls.queue}${number}?view=open`) }] : [];
  local.sort((one, other) => (one.group === other.group ? 0 : one.group === word("actions") ? -1 : 1));
  // of a menu line and a key that lead to one place, one is enough
  const names = new Set();
  const once = local.filter((one) => !names.has(one.label) && names.add(one.label));
  return [...exact, ...once.slice(0, typed ? 8 : 40), ...macros, ...(typed ? requests() : []), ...rest];
}

function draw() {
  shown = options(field.value.trim());
  at = Math.max(0, Math.min(at, shown.length - 1));
  const groups = new Map();
  shown.forEach((one, index) => {
    if (!groups.has(one.group)) groups.set(one.group, []);
    groups.get(one.group).push(row(one, index));
  });
  const parts = [...groups].map(([name, rows]) => {
    const heading = element("p", "palette-group", name);
    heading.id = `palette-group-${name.length}-${rows[0].dataset.at}`;
    const group = element("div", "", heading, ...rows);
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", heading.id);
    return group;
  });
  list.replaceChildren(...parts);
  list.hidden = !parts.length;
  let line = dialog.querySelector("[data-palette-note]");
  if (!line) { line = element("p", "text-small text-muted mt-3"); line.dataset.paletteNote = ""; line.setAttribute("role", "status"); list.after(line); }
  line.textContent = offline ? word("offline") : parts.length ? "" : only && !prepared.length ? word("noMacros") : word("nothing");
  point();
}

function row(one, index) {
  const words = element("span", "grow min-w-0", element("span", "block truncate", one.label));
  if (one.below) words.append(element("span", "block truncate text-fine text-muted", one.below));
  const node = element("div", "palette-row", icon(one.icon, "sm"), words);
  if (one.note) node.append(element("span", "text-fine text-muted whitespace-nowrap", one.note));
  if (one.kbd) node.append(element("span", "whitespace-nowrap", ...one.kbd.split(" ").map((cap) => element("kbd", "kbd", cap))));
  node.id = `palette-${index}`;
  node.dataset.at = index;
  node.setAttribute("role", "option");
  return node;
}

function point() {
  for (const node of list.querySelectorAll("[role=option]")) {
    const here = Number(node.dataset.at) === at;
    node.setAttribute("aria-selected", String(here));
    if (here) node.scrollIntoView({ block: "nearest" });
  }
  if (shown.length) field.setAttribute("aria-activedescendant", `palette-${at}`); else field.removeAttribute("aria-activedescendant");
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
  if (step && shown.length) {
    event.preventDefault();
    at = Math.abs(step) === 1 ? (at + step + shown.length) % shown.length : Math.max(0, Math.min(shown.length - 1, at + step));
    point();
  } else if (event.key === "Enter") {
    event.preventDefault();
    choose(at);
  }
}

function choose(index) {
  const one = shown[index];
  if (!one) return;
  dialog.close();
  one.run();
}

function later() {
  clearTimeout(timer);
  const typed = field.value.trim();
  if (only || (typed.length < 2 && !/^\d+$/.test(typed))) { found = []; asked += 1; return; }
  timer = setTimeout(() => ask(typed), 180);
}

async function ask(typed) {
  asked += 1;
  const mine = asked;
  try {
    const answer = await fetch(`${urls.palette}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" }, redirect: "manual" });
    const told = answer.ok ? (await answer.json()).requests : [];
    if (mine !== asked) return;
    [found, offline] = [told, false];
  } catch {
    if (mine !== asked) return;
    [found, offline] = [[], true];
  }
  draw();
}

let of = "";
async function fetchPrepared() {
  const address = document.getElementById("say")?.dataset.macros || "";
  if (!address) { prepared = []; of = ""; return; }
  if (of === address && prepared.length) return;
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return;
    prepared = (await answer.json()).macros;
    of = address;
  } catch { offline = true; }
  if (dialog.open) draw();
}

export function palette(kind = "") {
  if (!dialog) make();
  only = kind;
  [at, found, offline] = [0, [], false];
  field.value = "";
  field.placeholder = word(kind === "macros" ? "findMacro" : "palette");
  field.setAttribute("aria-label", field.placeholder);
  dialog.querySelector("h2").textContent = word(kind === "macros" ? "macros" : "palette");
  if (of !== (document.getElementById("say")?.dataset.macros || "")) prepared = [];
  draw();
  if (!dialog.open) dialog.showModal();
  field.focus();
  fetchPrepared();
}

document.addEventListener("palette:open", (event) => palette(event.detail || ""));
document.addEventListener("desk:opened", () => { if (pane()?.dataset.number) of = ""; });
