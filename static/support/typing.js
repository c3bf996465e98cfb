// Whoever types is there. A session of staff ends after some minutes without a request, and typing is none: so one is
// sent every four minutes while somebody writes, lest a long answer be lost.
"use strict";

const ALIVE = document.currentScript.dataset.alive;
const PAUSE = 4 * 60 * 1000;
// By the browser's own count and by the device's clock: one may stand still while a laptop sleeps, the other may be set.
let count = performance.now();
let clock = Date.now();

addEventListener("input", () => {
  if (performance.now() - count < PAUSE && Math.abs(Date.now() - clock) < PAUSE) return;
  [count, clock] = [performance.now(), Date.now()];
  fetch(ALIVE, { method: "HEAD" }).catch(() => {});
});
