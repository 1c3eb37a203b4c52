// A select box whose rows come from the server while one types. Without scripts it keeps the row chosen before.
(function () {
  "use strict";

  function enhance(select) {
    const holder = document.createElement("div");
    holder.className = "picker";
    const box = document.createElement("input");
    box.type = "text";
    box.className = "form-control";
    box.autocomplete = "off";
    box.id = select.id;
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-expanded", "false");
    box.placeholder = select.dataset.placeholder || "";
    const list = document.createElement("div");
    list.className = "picker__list";
    list.setAttribute("role", "listbox");
    list.hidden = true;
    select.removeAttribute("id");
    select.before(holder);
    holder.append(box, list);
    select.hidden = true;
    const chosen = select.selectedOptions[0];
    box.value = chosen && chosen.value ? chosen.textContent : "";
    let timer = 0;
    let asked = 0;
    let at = -1;

    function shut() {
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
      at = -1;
    }

    function choose(id, text) {
      select.replaceChildren(new Option(text, id, true, true));
      box.value = text;
      shut();
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function draw(results) {
      list.replaceChildren();
      results.forEach((row) => {
        const option = document.createElement("div");
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = row.text;
        option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(row.id, row.text); });
        list.append(option);
      });
      if (!results.length) {
        const none = document.createElement("div");
        none.className = "picker__none";
        none.textContent = select.dataset.none || "–";
        list.append(none);
      }
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      at = -1;
    }

    function ask() {
      const turn = ++asked;
      fetch(select.dataset.url + "?q=" + encodeURIComponent(box.value), { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : { results: [] }))
        .then((found) => { if (turn === asked && document.activeElement === box) draw(found.results); })
        .catch(shut);
    }

    box.addEventListener("input", () => {
      // Typing over a choice takes it back: what is shown and what is sent must never differ.
      select.replaceChildren(new Option("", "", true, true));
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, 180);
    });
    box.addEventListener("focus", ask);
    box.addEventListener("blur", () => {
      if (!select.value) box.value = "";
      shut();
    });
    box.addEventListener("keydown", (event) => {
      const options = Array.from(list.querySelectorAll("[role=option]"));
      if (event.key === "Escape") { shut(); return; }
      if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        options[at].dispatchEvent(new MouseEvent("mousedown"));
        return;
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      if (!options.length) return;
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
      options[at].scrollIntoView({ block: "nearest" });
    });
  }

  document.querySelectorAll("select.linli-picker").forEach(enhance);
})();
