// The form of a role: a whole row or column at once, and a filter by words. Everything is ticked one by one without it.
(function () {
  "use strict";
  const form = document.querySelector("[data-roles]");
  if (!form) return;

  for (const head of form.querySelectorAll("[data-all]")) {
    const way = head.dataset.all;
    const place = way ? head.closest("table") : head.closest("tr");
    const boxes = [...place.querySelectorAll(way ? `[data-way=${way}] input` : "input")];
    if (boxes.length < 2) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "grants__all";
    button.textContent = form.dataset.allLabel;
    button.setAttribute("aria-label", `${form.dataset.allWords} (${form.dataset.allLabel}): ${head.dataset.words}`);
    button.addEventListener("click", () => {
      const shown = boxes.filter((box) => !box.closest("[data-row]").hidden);
      const tick = shown.some((box) => !box.checked);
      for (const box of shown) box.checked = tick;
    });
    head.append(" ", button);
  }

  const filter = form.querySelector("#grants-filter");
  filter.parentElement.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.value.trim().toLowerCase();
    for (const area of form.querySelectorAll("[data-grants]")) {
      const whole = area.querySelector("h2").textContent.toLowerCase().includes(words);
      let any = false;
      for (const row of area.querySelectorAll("[data-row]")) {
        row.hidden = !whole && !(row.querySelector("th") || row).textContent.toLowerCase().includes(words);
        any = any || !row.hidden;
      }
      area.hidden = !any;
    }
  });
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
})();
