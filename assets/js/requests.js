// htmx: the CSRF token, failures told in words, focus where the reader's eye should be.
import { toast } from "./toast.js";
import { say } from "./words.js";

function token() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) return field.value;
  const meta = document.querySelector("meta[name=csrf-token]");
  if (meta) return meta.content;
  const cookie = document.cookie.split("; ").find((pair) => /csrf/i.test(pair.split("=")[0]));
  return cookie ? decodeURIComponent(cookie.split("=")[1]) : "";
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token();
});

// A form with mistakes comes back as 422 with the form in it: show it like a success.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 422 || xhr.status === 409) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const key = status === 429 ? "tooOften" : status === 401 || status === 403 ? "signedOut" : status === 404 ? "gone" : "failed";
  if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(say(key), { tone: "error" });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast(say("noConnection"), { tone: "error" }));
}

/** Move the focus to what asks for it inside `root`: an error summary, a receipt, the first wrong field. */
export function focusIn(root) {
  const target = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus], [aria-invalid=true]");
  if (target) target.focus({ preventScroll: false });
  return Boolean(target);
}

// Swapping removes the focused element and throws a keyboard to the top of the page: give the focus back.
let lastFocused = "";
document.addEventListener("htmx:beforeSwap", () => { lastFocused = document.activeElement?.id || ""; });
document.addEventListener("htmx:afterSettle", (event) => {
  const root = event.detail.elt;
  if (focusIn(root)) return;
  if (document.activeElement === document.body && lastFocused) document.getElementById(lastFocused)?.focus({ preventScroll: true });
});
