// Dialogs and menus: <button data-open="ID">, [data-close], Escape, a click beside them.
// [data-copy-of="ID"]: the page carries its menu once; a dialog shows a copy of how it looks at that moment.
function fill(dialog) {
  for (const place of dialog.querySelectorAll("[data-copy-of]")) {
    const copied = document.getElementById(place.dataset.copyOf).cloneNode(true);
    for (const element of copied.querySelectorAll("[id]")) element.removeAttribute("id");
    place.replaceChildren(...copied.childNodes);
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog) fill(dialog);
    if (dialog?.showModal && !dialog.open) dialog.showModal();
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target) || event.target.closest(".menu-item")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (event.key === "Escape") {
    const open = menu?.open ? menu : document.querySelector("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
      event.stopPropagation();
    }
  }
  if (menu?.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const items = [...menu.querySelectorAll(".menu-item")];
    const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    items[(at + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
