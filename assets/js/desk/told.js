// What the page tells the workbench's script: the table of keys, words, addresses (provodnik/desk/keys.py).
import { firm } from "../words.js";

const source = document.getElementById("desk-script");
const told = source ? JSON.parse(source.textContent) : { keys: [], words: {}, urls: {} };

export const keys = told.keys;
export const urls = told.urls;
export const word = (name, values = {}) => (told.words[name] || name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
export { firm };
