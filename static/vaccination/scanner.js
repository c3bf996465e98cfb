// A scanner types its code and Enter wherever the focus is. Outside a text field the code is looked for, and its Enter
// presses nothing: the page of one person must not act because the card of the next one was scanned.
// Without this script no button that writes has the focus when a page opens; [data-focus] says which one gets it here.
"use strict";

// People leave more time between two keys, scanners less.
const BETWEEN_KEYS_MS = 35;
const BEFORE_ENTER_MS = 150;
const SHORTEST_CODE = 4;
const PRESSED = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);

const lookUp = document.getElementById("scanned");
let code = "";
let last = -Infinity;

function isTextField(place) {
  if (place instanceof HTMLInputElement) return !PRESSED.has(place.type);
  return place instanceof HTMLTextAreaElement || place.isContentEditable;
}

function pressNothing(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function listen(event) {
  if (isTextField(event.target) || event.isComposing) {
    code = "";
    return;
  }
  const passed = event.timeStamp - last;
  if (event.key === "Enter") {
    const scanned = passed < BEFORE_ENTER_MS ? code : "";
    code = "";
    if (!scanned) return;
    pressNothing(event);
    if (scanned.length < SHORTEST_CODE || !lookUp) return;
    lookUp.elements.hledat.value = scanned;
    lookUp.requestSubmit();
    return;
  }
  const isCharacter = [...event.key].length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (!isCharacter) return; // Shift, say: a Czech keyboard writes digits with it
  const goesOn = code !== "" && passed < BETWEEN_KEYS_MS;
  if (event.key === " " && !goesOn) {
    code = ""; // a person presses a button or ticks a box
    return;
  }
  if (goesOn) pressNothing(event); // a list would jump to the letter
  code = goesOn ? code + event.key : event.key;
  last = event.timeStamp;
}

function focusFirst() {
  const wanted = document.querySelector("[data-focus]");
  if (!wanted || location.hash || document.querySelector("[autofocus]")) return;
  if (document.activeElement && document.activeElement !== document.body) return;
  wanted.focus();
}

document.addEventListener("keydown", listen, { capture: true });
// Firefox presses a button when the space bar is let go.
document.addEventListener("keyup", (event) => {
  if (event.key === " " && code.length > 1 && !isTextField(event.target)) event.preventDefault();
}, { capture: true });
focusFirst();
