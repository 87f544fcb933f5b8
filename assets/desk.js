// The workbench: keyboard, list and request side by side, what others do meanwhile. Without it every link and form works.
import "./js/desk/open.js";
import "./js/desk/dialogs.js";
import "./js/desk/unsent.js";
import "./js/desk/keys.js";
import "./js/desk/palette.js";
import "./js/desk/pulse.js";
import "./js/desk/choose.js";
import "./js/desk/mentions.js";
