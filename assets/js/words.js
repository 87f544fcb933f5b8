// Words come from the server's catalogues: <script type="application/json" id="words">.
const source = document.getElementById("words");
const words = source ? JSON.parse(source.textContent) : {};

/** The text of `key` with {placeholders} filled; a figure never parts from its unit. */
export function say(key, values = {}) {
  const text = words[key] || key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const firm = (text) => text.replaceAll(" ", "\u00a0");

/** «184 КБ»: the same steps as provodnik/ui/text.py. */
export function sizeWords(bytes) {
  if (bytes < 1024) return firm(say("bytes", { size: bytes }));
  if (bytes < 1048576) return firm(say("kilobytes", { size: Math.max(1, Math.round(bytes / 1024)) }));
  const size = (bytes / 1048576).toFixed(1).replace(".0", "").replace(".", ",");
  return firm(say("megabytes", { size }));
}
