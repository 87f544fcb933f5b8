// A request opens beside the list: the column is swapped, the address follows, Back comes back. On a phone, and with
// Ctrl or the middle button, the link is a link.
const wide = matchMedia("(width >= 64rem)");

export const pane = () => document.getElementById("pane");
export const rows = () => [...document.querySelectorAll("#desk-rows .ticket-row")];
export const current = () => document.querySelector("#desk-rows .ticket-row[aria-current]");

export function mark(number) {
  for (const row of rows()) {
    if (row.dataset.ticket === String(number)) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Whether something stands in the editor that a new pane would take away. */
export const edited = () => Boolean(document.querySelector("#say textarea")?.value.trim());

let asked = 0;
export async function open(href, { push = true, quiet = false } = {}) {
  asked += 1;
  const mine = asked;
  if (!quiet) document.dispatchEvent(new CustomEvent("desk:leaving"));
  const number = new URL(href, location.href).pathname.match(/\/desk\/(\d+)$/)?.[1];
  if (!number || !wide.matches || !document.querySelector(".desk #pane")) { location.href = href; return; }
  mark(number);
  current()?.scrollIntoView({ block: "nearest" });
  await window.htmx.ajax("GET", href, { target: "#pane", swap: "outerHTML" });
  if (mine !== asked) return;
  if (pane()?.dataset.number !== number) return;
  document.querySelector(".desk").classList.add("desk-reading");
  if (push) history.pushState({ desk: number }, "", href);
  if (window.htmx.config) document.dispatchEvent(new CustomEvent("desk:opened", { detail: { number } }));
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[data-ticket]");
  if (!link || !wide.matches || !document.querySelector(".desk #pane")) return;
  event.preventDefault();
  open(link.href);
});

addEventListener("popstate", () => {
  const number = location.pathname.match(/\/desk\/(\d+)$/)?.[1];
  if (number && document.querySelector(".desk #pane")) open(location.href, { push: false });
  else location.reload();
});

// On a phone the page itself scrolls: begin at the newest, as the column does on a desk.
if (!wide.matches && document.querySelector("[data-newest]") && !location.hash) {
  document.querySelector("[data-newest]").scrollIntoView({ block: "end" });
}

// A colour theme and a size of the letters may differ between two requests; the text that is written stays in sight.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "pane" && event.target?.id !== "pane") return;
  const number = pane()?.dataset.number;
  if (number) mark(number);
});
