// The list of people under observation, when reading_again.js has read it again: new countdowns (crs.js), and the focus on a button.
"use strict";

const sitting = document.getElementById("list");
let pressed = "";

if (sitting) {
  document.addEventListener("focusin", (event) => {
    const button = event.target.closest("#list button");
    pressed = button ? button.form.getAttribute("action") : "";
  });
  new MutationObserver(() => {
    for (const place of sitting.querySelectorAll("[data-countdown-seconds]")) countDown(place, stopwatch(0));
    const form = [...sitting.querySelectorAll("form")].find((one) => one.getAttribute("action") === pressed);
    if (form && document.activeElement === document.body) form.querySelector("button").focus({ preventScroll: true });
  }).observe(sitting, { childList: true });
}
