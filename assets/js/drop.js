// Files: paste, drop, choose; limits told in words; remove with undo. The <input type=file> stays the one truth.
import { element, icon } from "./icons.js";
import { toast } from "./toast.js";
import { say, sizeWords } from "./words.js";

const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

class Drop {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input[type=file]");
    this.list = root.querySelector("[data-drop-list]");
    this.error = root.querySelector("[data-drop-error]");
    this.target = root.querySelector("[data-drop-target]");
    this.files = [];
    this.target.classList.add("drop-live");
    root.querySelector("[data-drop-choose]").addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => this.add([...this.input.files]));
    for (const name of ["dragenter", "dragover"]) this.target.addEventListener(name, (event) => this.over(event));
    for (const name of ["dragleave", "drop"]) this.target.addEventListener(name, () => this.target.classList.remove("drop-over"));
    this.target.addEventListener("drop", (event) => { event.preventDefault(); this.add([...event.dataTransfer.files]); });
    this.input.form?.addEventListener("reset", () => { this.files = []; this.draw(); });
  }

  over(event) {
    event.preventDefault();
    this.target.classList.add("drop-over");
  }

  refusal(file) {
    const limit = Number(this.root.dataset.maxBytes);
    if (!file.size) return say("emptyFile", { name: file.name });
    if (file.size > limit) return say("tooBig", { name: file.name, size: sizeWords(file.size), limit: sizeWords(limit) });
    if (this.files.some((known) => same(known, file))) return say("twice", { name: file.name });
    if (this.files.length >= Number(this.root.dataset.maxFiles)) return say("tooMany", { limit: this.root.dataset.maxFiles, name: file.name });
    return "";
  }

  add(files) {
    const refused = [];
    for (const file of files) {
      const why = this.refusal(file);
      if (why) refused.push(why); else this.files.push(file);
    }
    this.draw();
    this.error.hidden = refused.length === 0;
    this.error.replaceChildren(...(refused.length ? [icon("circle-alert", "sm"), element("span", "", refused.join(" "))] : []));
  }

  remove(file) {
    const place = this.files.indexOf(file);
    this.files.splice(place, 1);
    this.error.hidden = true;
    this.draw();
    this.root.querySelector("[data-drop-choose]").focus();
    toast(say("removed", { name: file.name }), {
      action: { label: say("undo"), run: () => { this.files.splice(place, 0, file); this.draw(); } },
    });
  }

  draw() {
    const box = new DataTransfer();
    this.files.forEach((file) => box.items.add(file));
    this.input.files = box.files;
    this.list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    this.list.replaceChildren(...this.files.map((file) => this.row(file)));
    this.root.dispatchEvent(new CustomEvent("drop:changed", { bubbles: true }));
  }

  row(file) {
    let picture = element("span", "disc", icon("file"));
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
      picture = element("img", "drop-thumb");
      picture.src = URL.createObjectURL(file);
      picture.alt = "";
    }
    const name = element("span", "block truncate font-medium", file.name);
    name.title = file.name;
    const size = element("span", "block text-muted", sizeWords(file.size));
    const away = element("button", "icon-button text-muted", icon("x"));
    away.type = "button";
    away.setAttribute("aria-label", say("removeFile", { name: file.name }));
    away.addEventListener("click", () => this.remove(file));
    return element("li", "drop-file", picture, element("span", "grow min-w-0 text-small", name, size), away);
  }
}

const live = new WeakMap();
export function drops(root) {
  for (const node of root.querySelectorAll("[data-drop]")) if (!live.has(node)) live.set(node, new Drop(node));
}

// A screenshot from the clipboard has no name of its own: call it by its moment.
function named(file) {
  if (file.name && file.name !== "image.png") return file;
  const at = new Date();
  const two = (value) => String(value).padStart(2, "0");
  const stamp = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`;
  return new File([file], `${say("pasted")} ${stamp}.png`, { type: file.type, lastModified: at.getTime() });
}

document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files || [])];
  if (!files.length) return;
  const near = event.target.closest?.("form")?.querySelector("[data-drop]") || document.querySelector("[data-drop]");
  if (!near || !live.has(near)) return;
  event.preventDefault();
  live.get(near).add(files.map(named));
});
// A file dropped beside the zone would otherwise open instead of the page, and the typed text would be gone.
for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
}
