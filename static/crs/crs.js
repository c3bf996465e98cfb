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

// A stopwatch that has run for so many milliseconds: seconds by the browser's own count, and by the device's clock.
// The clock may be an hour off, so it is only compared with itself.
function stopwatch(alreadyRun) {
  const [count, clock] = [performance.now() - alreadyRun, Date.now() - alreadyRun];
  return () => [performance.now() - count, Date.now() - clock].map((milliseconds) => milliseconds / 1000);
}
const sinceAnswer = stopwatch(performance.now() - (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0));

// This page as the server shows it now, asked for once by all countdowns that find at one moment that they must.
let asked = null;
function pageNow() {
  return asked ??= fetch(location.href, { credentials: "same-origin", cache: "no-store" })
    .then((answer) => answer.ok ? answer.text() : Promise.reject(answer.status))
    .then((markup) => new DOMParser().parseFromString(markup, "text/html"))
    .finally(() => { asked = null; });
}

// <span data-countdown-seconds="how many were left when the page was made">no JavaScript</span> counts down as m:ss, or
// as h:mm:ss where an hour or more is left.
// At zero the element with the id in data-countdown-shows appears, the one in data-countdown-hides goes.
function countDown(place, watch) {
  const { countdownSeconds, countdownShows, countdownHides } = place.dataset;
  let seconds = Number(countdownSeconds);
  let isAsking = false;
  place.setAttribute("role", "timer");
  // Where the clock went further than the count, the device slept, or its clock was set: only the server knows which.
  const ask = async () => {
    isAsking = true;
    const other = `[data-countdown-${countdownShows ? `shows="${countdownShows}"` : `hides="${countdownHides}"`}]`;
    try {
      const page = await pageNow();
      seconds = Number(page.querySelector(other)?.dataset.countdownSeconds ?? 0);
    } catch {
      seconds -= Math.max(...watch()); // no network: rather too little time than too much
    }
    watch = stopwatch(0);
    isAsking = false;
    tick();
  };
  const tick = () => {
    if (!place.isConnected) return clearInterval(timer);
    const [count, clock] = watch();
    if (clock - count > 5 && !isAsking) ask();
    const left = Math.max(0, Math.ceil(seconds - count));
    const [hours, minutes, rest] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    const parts = hours ? [hours, String(minutes).padStart(2, "0")] : [minutes];
    place.textContent = [...parts, String(rest).padStart(2, "0")].join(":");
    if (left > 0 || isAsking) return;
    clearInterval(timer);
    const shows = document.getElementById(countdownShows);
    const hides = document.getElementById(countdownHides);
    if (shows) shows.hidden = false;
    if (hides) hides.hidden = true;
  };
  const timer = setInterval(tick, 1000);
  tick();
  // A page that comes back by the back button slept meanwhile.
  addEventListener("pageshow", tick);
}
for (const place of document.querySelectorAll("[data-countdown-seconds]")) countDown(place, sinceAnswer);
