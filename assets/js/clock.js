// Times that move by themselves: <time datetime data-tick="ago|left|bare">. Only words change, never the layout.
import { firm, say } from "./words.js";

export function durationWords(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes === 0) return firm(say("lessThanMinute"));
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return firm(say("minutes", { minutes }));
  if (rest === 0) return firm(say("hours", { hours }));
  return firm(say("hoursMinutes", { hours, minutes: String(rest).padStart(2, "0") }));
}

function words(mode, at, now) {
  const span = at - now;
  if (mode === "bare") return durationWords(span);
  if (mode === "left") return firm(say(span >= 0 ? "left" : "overdue", { duration: durationWords(span) }));
  if (-span < 60000) return firm(say("justNow"));
  if (-span < 3600000) return firm(say("ago", { duration: durationWords(span) }));
  return null; // from an hour on the server's words («вчера, 17:52») are better; they come with the next page
}

// The reader's clock may be wrong by hours: what counts is how long the page has been open.
const opened = Date.now();
const served = Date.parse(document.querySelector("meta[name=now]")?.content || "") || opened;

export function tick() {
  const now = served + (Date.now() - opened);
  for (const node of document.querySelectorAll("time[data-tick]")) {
    const text = words(node.dataset.tick, Date.parse(node.dateTime), now);
    if (text && node.textContent !== text) node.textContent = text;
  }
}

setInterval(tick, 30000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
