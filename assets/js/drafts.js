// What was typed is never lost: <form data-draft-key="ticket:17"> keeps its fields in localStorage until the server
// says it has them: any element with data-draft-done="ticket:17" on the next page. Keys are parted by account
// (<body data-user>), <body data-drafts="off"> is somebody else's phone, [data-forget-drafts] (sign-out) clears all.
import { firm, say } from "./words.js";

const PREFIX = "draft:";
const MONTH = 30 * 24 * 3600 * 1000;
const timers = new WeakMap();
const allowed = () => document.body.dataset.drafts !== "off";
const keyOf = (key) => `${PREFIX}${document.body.dataset.user || ""}:${key}`;

function store(action) {
  try { return action(localStorage); } catch { return null; } // private window, quota
}

const kept = (field) => field.name && !/^(hidden|password|file|submit|button)$/.test(field.type) && !field.closest("[data-no-draft]");

function read(form) {
  const values = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked !== field.defaultChecked) values[`${field.name}=${field.value}`] = field.checked;
    } else if (field.tagName === "SELECT" || field.value !== field.defaultValue) {
      values[field.name] = field.value;
    }
  }
  return values;
}

function write(form, values) {
  let changed = false;
  for (const field of form.elements) {
    if (!kept(field)) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      const value = values[`${field.name}=${field.value}`];
      if (value !== undefined && field.checked !== value) { field.checked = value; changed = true; }
    } else if (values[field.name] !== undefined && field.value !== values[field.name]) {
      field.value = values[field.name];
      changed = true;
    }
  }
  return changed;
}

function status(form, text) {
  const place = form.querySelector("[data-draft-status]");
  if (place) place.textContent = text;
}

function save(form) {
  const key = keyOf(form.dataset.draftKey);
  const values = read(form);
  if (!Object.values(values).some((value) => value !== "")) {
    store((box) => box.removeItem(key));
    return status(form, "");
  }
  store((box) => box.setItem(key, JSON.stringify({ at: Date.now(), values })));
  if (form.dataset.draftUrl) return undefined; // the server will say when it has it
  const time = new Date().toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" });
  return status(form, say("draftSaved", { time: firm(time) }));
}

function restore(form) {
  // A form that came back with mistakes already holds what was typed.
  if (!allowed() || form.dataset.draftReady || form.querySelector("[aria-invalid=true]")) return;
  form.dataset.draftReady = "1";
  const raw = store((box) => box.getItem(keyOf(form.dataset.draftKey)));
  if (!raw) return;
  try {
    const { at, values } = JSON.parse(raw);
    if (at < Date.parse(form.dataset.draftAt || 0)) return; // the server has a younger one
    if (Date.now() - at < MONTH && write(form, values)) {
      status(form, say("draftRestored"));
      form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
    }
  } catch {
    store((box) => box.removeItem(keyOf(form.dataset.draftKey)));
  }
}

export function forget(key) {
  for (const form of document.querySelectorAll("form[data-draft-key]")) {
    if (form.dataset.draftKey === key) { clearTimeout(timers.get(form)); timers.delete(form); status(form, ""); }
  }
  store((box) => box.removeItem(keyOf(key)));
}

function forgetAll() {
  store((box) => Object.keys(box).filter((name) => name.startsWith(PREFIX)).forEach((name) => box.removeItem(name)));
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.dataset.draftKey || !allowed()) return;
  delete form.dataset.sent; // sent, refused, and typed on
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), 400));
});
// Closing the tab within these 400 ms loses nothing either.
addEventListener("pagehide", () => document.querySelectorAll("form[data-draft-key]").forEach((form) => {
  if (allowed() && timers.has(form) && !form.dataset.sent) save(form);
}));
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-forget-drafts")) forgetAll();
  if (form.dataset.draftKey) { clearTimeout(timers.get(form)); if (allowed()) save(form); form.dataset.sent = "1"; }
});

// The workbench keeps its drafts on the server; what lies here is for when that is out of reach.
document.addEventListener("draft:kept", (event) => {
  const form = event.target;
  clearTimeout(timers.get(form));
  timers.delete(form);
  store((box) => box.removeItem(keyOf(form.dataset.draftKey)));
});
document.addEventListener("draft:forget", (event) => forget(event.detail));

export function drafts(root) {
  for (const done of root.querySelectorAll("[data-draft-done]")) forget(done.dataset.draftDone);
  if (root.dataset?.draftDone) forget(root.dataset.draftDone);
  root.querySelectorAll("form[data-draft-key]").forEach(restore);
  if (root.matches?.("form[data-draft-key]")) restore(root);
}
