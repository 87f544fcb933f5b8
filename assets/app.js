// The script of both faces. Everything on the page works without it; it only makes it kinder.
import htmx from "htmx.org";
import "./js/forms.js";
import "./js/layers.js";
import "./js/put.js";
import "./js/clock.js";
import "./js/current.js";
import "./js/passkeys.js";
import { drafts } from "./js/drafts.js";
import { drops } from "./js/drop.js";
import { focusIn } from "./js/requests.js";
import { toast } from "./js/toast.js";

window.htmx = htmx;
window.provodnik = { toast };
document.documentElement.classList.add("js");

function dress(root) {
  drafts(root);
  drops(root);
}

dress(document.body);
focusIn(document.body);
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) dress(event.detail.elt); });
