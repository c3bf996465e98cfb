// What is nicer with JavaScript; every page works without it.
"use strict";

// An error is told at once, also to a person who does not see it.
const summary = document.querySelector(".crs-errors");
if (summary) summary.focus();

// A double click sends once. The lock lets go when the person comes back by the back button.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // A download or an answer that never came must not lock the page for good.
    setTimeout(() => release(form), 10000);
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// The second half of a slow double click falls on the page that the first half opened, and means nothing there.
let isClickBegunHere = false;
addEventListener("click", (event) => {
  if (event.detail === 1) isClickBegunHere = true;
  if (event.detail < 2 || isClickBegunHere) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
addEventListener("pageshow", (event) => { if (event.persisted) isClickBegunHere = false; });

// Seconds since this page was answered. A phone's clock may be an hour off, so it is only compared with itself.
// Of the two clocks here one may stand still while the phone sleeps, the other may be set back: the later one is right.
const answeredAt = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
const clockAtAnswer = Date.now() - (performance.now() - answeredAt);
function secondsSinceAnswer() {
  return Math.max(performance.now() - answeredAt, Date.now() - clockAtAnswer) / 1000;
}

// <span data-countdown-seconds="how many were left when the page was made">no JavaScript</span> counts down as m:ss, or
// as h:mm:ss where an hour or more is left.
// At zero the element with the id in data-countdown-shows appears, the one in data-countdown-hides goes.
for (const place of document.querySelectorAll("[data-countdown-seconds]")) {
  const seconds = Number(place.dataset.countdownSeconds);
  place.setAttribute("role", "timer");
  const tick = () => {
    const left = Math.max(0, Math.ceil(seconds - secondsSinceAnswer()));
    const [hours, minutes, rest] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    const parts = hours ? [hours, String(minutes).padStart(2, "0")] : [minutes];
    place.textContent = [...parts, String(rest).padStart(2, "0")].join(":");
    if (left > 0) return;
    clearInterval(timer);
    const shows = document.getElementById(place.dataset.countdownShows);
    const hides = document.getElementById(place.dataset.countdownHides);
    if (shows) shows.hidden = false;
    if (hides) hides.hidden = true;
  };
  const timer = setInterval(tick, 1000);
  tick();
  // A page that comes back by the back button slept meanwhile.
  addEventListener("pageshow", tick);
}
