// A list that changes by itself reads itself again while somebody looks at it. Without this the link "Read again" does.
"use strict";

const list = document.getElementById("list");
const seconds = Number(list?.dataset.refresh);
if (list && seconds) {
  let isReading = false;
  const read = async () => {
    if (isReading || document.hidden) return;
    isReading = true;
    try {
      const address = new URL(location.href);
      address.searchParams.set("cast", "seznam");
      const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) show(await answer.text());
    } catch {
      // The network is away: the list says when it was read, and the next try comes by itself.
    } finally {
      isReading = false;
    }
  };
  // What is typed stands outside the list; a link or a button that has the focus keeps it, and the page does not jump.
  const name = (one) => one.getAttribute("href") ?? (one.form ? `${one.form.getAttribute("action")} ${one.value}` : null);
  const show = (markup) => {
    const held = list.contains(document.activeElement) ? name(document.activeElement) : null;
    const place = scrollY;
    list.innerHTML = markup;
    if (held) [...list.querySelectorAll("a, button")].find((one) => name(one) === held)?.focus({ preventScroll: true });
    scrollTo({ top: place, behavior: "instant" });
  };
  setInterval(read, seconds * 1000);
  document.addEventListener("visibilitychange", read);
  list.addEventListener("click", (event) => {
    if (!event.target.closest("[data-refresh-now]")) return;
    event.preventDefault();
    read();
  });
}
