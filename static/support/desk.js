// Letters as keys on the pages of the desk: they take whoever types to a place, and send nothing. Every page works
// without them; the page "Keys" switches them off.
"use strict";

const ROWS = [...document.querySelectorAll("[data-row]")];
const FIELDS = "input, textarea, select, [contenteditable]";

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (event.target.closest?.(FIELDS)) return;
  const place = event.key === "j" || event.key === "k" ? row(event.key === "j" ? 1 : -1) : named(event.key);
  if (!place) return;
  event.preventDefault();
  for (let around = place.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  place.focus();
  place.scrollIntoView({ block: "nearest" });
});

function named(key) {
  return key.length === 1 ? document.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
}

// The next row, or the one before; where none has the focus, the first.
function row(step) {
  const at = ROWS.indexOf(document.activeElement);
  return ROWS[at < 0 ? 0 : Math.min(Math.max(at + step, 0), ROWS.length - 1)];
}
