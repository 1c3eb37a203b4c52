// Five steps beside the real things: a small window that moves along, no veil, nothing behind it is shut.
(function () {
  "use strict";
  const part = document.querySelector("[data-tour]");
  if (!part) return;
  const steps = [...part.querySelector("[data-tour-steps]").content.children];
  const start = part.querySelector("[data-tour-start]");
  let card = null, here = null, number = 0;

  const visible = (one) => Boolean(one) && one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden" && one.getBoundingClientRect().right > 0;

  // The first that can be seen; what hides in the drawer of a phone is found behind the menu button.
  function target(step) {
    const wanted = step.dataset.target;
    const found = [...document.querySelectorAll(wanted)].find(visible);
    if (found) return found;
    const hidden = document.querySelector(wanted);
    const group = hidden && hidden.closest("details:not([open])");
    if (group && visible(group)) { group.open = true; if (visible(hidden)) return hidden; }
    return [...document.querySelectorAll("[data-toggle-nav]")].find(visible) || document.querySelector("h1");
  }
  function place() {
    if (!card || !here) return;
    const box = here.getBoundingClientRect(), width = card.offsetWidth, height = card.offsetHeight, gap = 14;
    let left, top;
    if (box.right + gap + width < window.innerWidth && box.height < 400) { left = box.right + gap; top = box.top; }
    else { left = Math.min(box.left, window.innerWidth - width - 12); top = box.bottom + gap; }
    if (top + height > window.innerHeight - 8) top = Math.max(8, Math.min(box.top - height - gap, window.innerHeight - height - 8));
    card.style.setProperty("left", `${Math.max(12, left) + window.scrollX}px`);
    card.style.setProperty("top", `${Math.max(8, top) + window.scrollY}px`);
  }
  function show(index) {
    number = index;
    if (here) here.classList.remove("tour-here");
    const step = steps[index];
    here = target(step);
    here.classList.add("tour-here");
    here.scrollIntoView({ block: "center" });
    const count = card.querySelector(".tour__step");
    count.textContent = count.dataset.words.replace("{n}", index + 1).replace("{m}", steps.length);
    card.querySelector("h2").textContent = step.querySelector("h2").textContent;
    card.querySelector("[data-text]").textContent = step.querySelector("p").textContent;
    card.querySelector("[data-back]").disabled = index === 0;
    const next = card.querySelector("[data-next]");
    next.dataset.first = next.dataset.first || next.textContent;
    next.textContent = index === steps.length - 1 ? next.dataset.last : next.dataset.first;
    place();
    // Enter alone leads through the tour; a reader's voice names the window around the button.
    next.focus({ preventScroll: true });
  }
  function end() {
    if (here) here.classList.remove("tour-here");
    if (card) card.remove();
    card = here = null;
    part.remove();
    const main = document.getElementById("main");
    if (main) main.focus({ preventScroll: true });
    fetch(part.dataset.done, { method: "POST", credentials: "same-origin", headers: { "X-Fragment": "1", "X-CSRFToken": window.linli.token() } }).catch(() => {});
  }
  start.addEventListener("click", () => {
    if (card) return;
    card = part.querySelector("[data-tour-card]").content.firstElementChild.cloneNode(true);
    document.body.append(card);
    card.querySelector("[data-back]").addEventListener("click", () => show(Math.max(0, number - 1)));
    card.querySelector("[data-next]").addEventListener("click", () => { if (number === steps.length - 1) end(); else show(number + 1); });
    card.querySelector("[data-end]").addEventListener("click", end);
    card.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); end(); }
      if (event.key === "ArrowRight" && number < steps.length - 1) show(number + 1);
      if (event.key === "ArrowLeft" && number > 0) show(number - 1);
    });
    show(0);
  });
  part.querySelector("[data-tour-away]").addEventListener("submit", (event) => { event.preventDefault(); event.stopPropagation(); end(); });
  window.addEventListener("resize", place);
})();
