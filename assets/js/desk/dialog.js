// Dialogs that only the script needs are made by it, once each.
import { element, icon } from "../icons.js";
import { word } from "./told.js";

export function makeDialog(id, heading, ...content) {
  const close = element("button", "icon-button -mt-2 -mr-2 text-muted", icon("x"));
  close.type = "button";
  close.dataset.close = "";
  close.setAttribute("aria-label", word("close"));
  const title = element("h2", "text-heading grow min-w-0", heading);
  title.id = `${id}-heading`;
  const dialog = element("dialog", "dialog", element("div", "panel-body", element("div", "flex items-start gap-3", title, close), ...content));
  dialog.id = id;
  dialog.setAttribute("aria-labelledby", title.id);
  document.body.append(dialog);
  return dialog;
}
