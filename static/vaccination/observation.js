// The list of people under observation, when reading_again.js has read it again: new countdowns, and the focus on a button.
"use strict";

const sitting = document.getElementById("list");
let pressed = "";

// <span data-countdown-seconds="how many were left when the list was read">; crs.js counts those of the first list.
function countDown(place) {
  const end = performance.now() + Number(place.dataset.countdownSeconds) * 1000;
  place.setAttribute("role", "timer");
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0 && place.isConnected) return;
    clearInterval(timer);
    const shows = document.getElementById(place.dataset.countdownShows);
    if (left === 0 && shows) shows.hidden = false;
  };
  const timer = setInterval(tick, 1000);
  tick();
}

if (sitting) {
  document.addEventListener("focusin", (event) => {
    const button = event.target.closest("#list button");
    pressed = button ? button.form.getAttribute("action") : "";
  });
  new MutationObserver(() => {
    for (const place of sitting.querySelectorAll("[data-countdown-seconds]")) countDown(place);
    const form = [...sitting.querySelectorAll("form")].find((one) => one.getAttribute("action") === pressed);
    if (form && document.activeElement === document.body) form.querySelector("button").focus({ preventScroll: true });
  }).observe(sitting, { childList: true });
}
