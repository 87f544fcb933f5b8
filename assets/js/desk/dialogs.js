// Editors of one fact come into a dialog; without script they are pages of their own.
const dialog = () => document.getElementById("desk-dialog");
const body = () => document.getElementById("desk-dialog-body");

export async function edit(href) {
  if (!dialog()?.showModal) { location.href = href; return; }
  await window.htmx.ajax("GET", href, { target: "#desk-dialog-body", swap: "innerHTML" });
  if (!body().childElementCount) return;
  const heading = body().querySelector("h3");
  if (heading) { dialog().querySelector("h2").textContent = heading.textContent; heading.remove(); }
  if (!dialog().open) dialog().showModal();
  const wanted = ["[aria-invalid=true]", "input:checked", "input:not([type=hidden]), select, textarea, button"];
  wanted.map((one) => body().querySelector(one)).find(Boolean)?.focus();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-dialog]");
  if (!link || !dialog()?.showModal) return;
  event.preventDefault();
  edit(link.href);
});

// The step was done: the request is shown anew, and the dialog has nothing more to say.
document.addEventListener("desk:changed", () => { if (dialog()?.open) dialog().close(); });
document.addEventListener("htmx:afterSwap", (event) => {
  const heading = event.detail.target?.id === "desk-dialog-body" && body().querySelector("h3");
  if (heading && dialog().open) heading.remove();
});
