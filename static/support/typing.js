// Whoever types is there. A session of staff ends after some minutes without a request, and typing is none: so one is
// sent every four minutes while somebody writes, lest a long answer be lost.
"use strict";

const ALIVE = document.currentScript.dataset.alive;
const PAUSE = 4 * 60 * 1000;
let asked = Date.now();

addEventListener("input", () => {
  if (Date.now() - asked < PAUSE) return;
  asked = Date.now();
  fetch(ALIVE, { method: "HEAD" }).catch(() => {});
});
