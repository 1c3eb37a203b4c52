// A list: filters that leave no empty arguments, spans of days, columns moved up and down, rows walked by keyboard, ticks.
(function () {
  "use strict";

  const filters = document.querySelector("[data-filters]");
  if (filters) {
    filters.addEventListener("submit", () => {
      filters.querySelectorAll("input, select").forEach((field) => {
        const way = field.name.startsWith("_flt_op_");
        const other = way ? filters.querySelector(`[name="${CSS.escape(field.name.replace("_flt_op_", "_flt_0_"))}"]`) : field;
        if (!other || !other.value || (way && field.value === "contains")) field.disabled = true;
      });
      // Coming back with the browser's button must find usable fields.
      window.setTimeout(() => filters.querySelectorAll(":disabled").forEach((field) => { field.disabled = false; }), 0);
    });
    filters.addEventListener("change", (event) => {
      const field = event.target;
      if (!field.dataset.name) return;
      filters.querySelectorAll(`input[type=hidden][name="${CSS.escape(field.dataset.name)}"]`).forEach((kept) => kept.remove());
      field.name = field.dataset.name;
    });
    filters.addEventListener("click", (event) => {
      const button = event.target.closest("[data-range]");
      if (!button) return;
      new URLSearchParams(button.dataset.range).forEach((value, name) => {
        filters.querySelectorAll(`[name="${CSS.escape(name)}"]`).forEach((field) => field.removeAttribute("name"));
        const hidden = document.createElement("input");
        hidden.type = "hidden";
        hidden.name = name;
        hidden.value = value;
        filters.append(hidden);
      });
      filters.requestSubmit();
    });
    // A telephone shows the filters when they are asked for (lists.css).
    const fold = filters.querySelector("[data-fold]");
    const unfold = (open) => fold.setAttribute("aria-expanded", String(open));
    const unfolded = () => fold.getAttribute("aria-expanded") === "true";
    fold.addEventListener("click", () => unfold(!unfolded()));
    filters.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !unfolded() || filters.querySelector("details.filter[open]")) return;
      unfold(false);
      fold.focus();
    });
    // One open filter at a time; the first field of an opened one takes the focus.
    filters.querySelectorAll("details.filter").forEach((sheet) => {
      sheet.addEventListener("toggle", () => {
        if (!sheet.open) return;
        filters.querySelectorAll("details.filter[open]").forEach((other) => { if (other !== sheet) other.open = false; });
        const panel = sheet.querySelector(".filter__sheet");
        panel.classList.remove("to-left");
        panel.classList.toggle("to-left", panel.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
        const first = sheet.querySelector("input:not([type=hidden]), select");
        if (first) first.focus();
      });
    });
  }

  document.querySelectorAll("[data-columns]").forEach((list) => {
    function button(sign, words, move) {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = sign;
      made.setAttribute("aria-label", words);
      made.title = words;
      made.addEventListener("click", (event) => { event.stopPropagation(); move(made.closest("li")); made.focus(); });
      return made;
    }
    list.querySelectorAll("li").forEach((line) => {
      const name = line.textContent.trim();
      line.append(
        button("↑", `${list.dataset.up}: ${name}`, (row) => { if (row.previousElementSibling) row.previousElementSibling.before(row); }),
        button("↓", `${list.dataset.down}: ${name}`, (row) => { if (row.nextElementSibling) row.nextElementSibling.after(row); })
      );
    });
  });

  document.querySelectorAll("[data-list]").forEach((wrap) => {
    const table = wrap.querySelector("table");
    function fit() {
      wrap.classList.add("fits");
      const fits = table.scrollWidth <= wrap.clientWidth + 1;
      wrap.classList.toggle("fits", fits);
      if (fits) wrap.removeAttribute("tabindex"); else wrap.tabIndex = 0;
    }
    fit();
    new ResizeObserver(fit).observe(wrap);
    table.addEventListener("keydown", (event) => {
      const link = event.target.closest(".row-link");
      if (!link || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
      const links = Array.from(table.querySelectorAll(".row-link"));
      const next = links[links.indexOf(link) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    });
  });

  const bar = document.getElementById("ticked");
  if (bar) {
    const boxes = Array.from(document.querySelectorAll("[name=rowid]"));
    const all = document.querySelector("[data-tick-all]");
    // A page come back to with the browser's button keeps its ticks.
    window.addEventListener("pageshow", () => show());
    const show = () => {
      const count = boxes.filter((box) => box.checked).length;
      bar.hidden = !count;
      bar.querySelector("[data-tick-count]").textContent = String(count);
      all.checked = count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    };
    all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); show(); });
    boxes.forEach((box) => box.addEventListener("change", show));
    show();
  }
})();
