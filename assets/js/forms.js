// Forms: sent once (data-once), asked once (data-confirm), progress of an upload (data-progress).
const SUBMITS = "button:not([type=button]):not([type=reset]), input[type=submit]";
const sending = new WeakSet();
const sure = new WeakSet();

function buttonsOf(form) {
  const outside = form.id ? [...document.querySelectorAll(`[form="${CSS.escape(form.id)}"]`)] : [];
  return [...form.querySelectorAll(SUBMITS), ...outside.filter((node) => node.matches(SUBMITS))];
}

export function release(form) {
  sending.delete(form);
  for (const button of buttonsOf(form)) {
    if (button.dataset.held) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      delete button.dataset.held;
    }
  }
}

function hold(form) {
  sending.add(form);
  // After the browser has read the pressed button's name and value.
  setTimeout(() => {
    for (const button of buttonsOf(form)) {
      if (!button.disabled) {
        button.dataset.held = "1";
        button.disabled = true;
        button.setAttribute("aria-busy", "true");
      }
    }
  }, 0);
  // A request that never ends must not lock the form for ever; the server ignores a repeat by the form's id.
  setTimeout(() => release(form), 30000);
}

// Confirm: in the capture phase, so that neither htmx nor the browser acts before the answer.
function ask(source, go) {
  const dialog = document.querySelector("[data-confirm-dialog]");
  if (!dialog?.showModal) return go();
  dialog.querySelector("[data-confirm-text]").textContent = source.dataset.confirm;
  const yes = dialog.querySelector("[data-confirm-yes]");
  const heading = dialog.querySelector("h2");
  heading.dataset.usual ??= heading.textContent;
  yes.dataset.usual ??= yes.textContent;
  heading.textContent = source.dataset.confirmHeading || heading.dataset.usual;
  yes.textContent = source.dataset.confirmYes || yes.dataset.usual;
  yes.className = source.dataset.confirmTone === "error" ? "btn btn-error" : "btn btn-primary";
  const finish = () => { yes.onclick = null; source.focus?.(); };
  yes.onclick = () => { dialog.removeEventListener("close", finish); yes.onclick = null; dialog.close(); go(); };
  dialog.addEventListener("close", finish, { once: true });
  dialog.showModal();
  dialog.querySelector("[data-confirm-no]")?.focus(); // Enter by habit must not delete
  return undefined;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
  if (source && !sure.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    ask(source, () => {
      sure.add(form);
      form.requestSubmit(submitter && submitter.type === "submit" ? submitter : undefined);
      sure.delete(form);
    });
    return;
  }
  if (form.hasAttribute("data-once")) {
    if (sending.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form);
  }
}, true);

document.addEventListener("click", (event) => {
  const source = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
  if (!source || sure.has(source)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(source, () => { sure.add(source); source.click(); sure.delete(source); });
}, true);

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (form) release(form);
});
// Back button: the page comes out of the cache with its buttons still held.
addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release); });

document.addEventListener("htmx:xhr:progress", (event) => {
  const { loaded, total } = event.detail;
  const bar = event.target.querySelector?.("[data-progress]");
  if (bar && total > 0) {
    bar.hidden = loaded >= total;
    bar.max = total;
    bar.value = loaded;
  }
});
