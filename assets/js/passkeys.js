// Passkeys: a form whose button asks the browser for a key and is then sent with the key's answer.
// <form data-passkey="get|create" data-options="JSON" (or data-options-url="…") data-failed="words"> <input name="credential"> <button type="button" data-ask-key>
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(form.dataset.optionsUrl, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

async function asked(kind, options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (kind === "create") {
    publicKey.user = { ...options.user, id: bytes(options.user.id) };
    publicKey.excludeCredentials = described(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = described(options.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function told(key) {
  const { response } = key;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports?.() ?? [];
  } else {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    if (response.userHandle) answer.userHandle = text(response.userHandle);
  }
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response: answer, clientExtensionResults: {} });
}

async function ask(form, button) {
  const failed = form.querySelector("[data-key-error]");
  if (failed) failed.hidden = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    form.querySelector("[name=credential]").value = told(await asked(form.dataset.passkey, await optionsOf(form)));
    form.submit();
  } catch {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (failed) {
      failed.textContent = form.dataset.failed;
      failed.hidden = false;
    }
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ask-key]");
  if (button) ask(button.closest("form"), button);
  else if (event.target.closest("[data-print]")) window.print();
});
if (!window.PublicKeyCredential) document.querySelectorAll("[data-ask-key]").forEach((button) => { button.hidden = true; });
