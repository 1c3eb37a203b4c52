// Standard answers beside a form: what fits the words so far is asked for as one types; an answer is put into the field that
// goes to the household, and which one it was goes along. Alt+Down goes from the words to the answers, Escape back.
(function () {
  "use strict";

  function prepare(root) {
    root.querySelectorAll("[data-answers]:not([data-ready])").forEach((box) => {
      const form = box.closest("form");
      if (!form) return;
      box.dataset.ready = "1";
      const list = box.querySelector("[data-answer-list]");
      const sources = (box.dataset.fields || "").split(" ").map((name) => form.elements[name]).filter(Boolean);
      let timer = 0, asked = 0, last = null;

      const value = (name) => { const field = form.elements[name]; return field ? field.value || "" : ""; };
      const words = () => sources.map((field) => field.value.trim()).filter(Boolean).join(" ").slice(0, 600);
      async function ask() {
        const query = new URLSearchParams({ words: words(), category: value("category"), house: value("house_id"), lang: box.dataset.lang || "" });
        if (String(query) === last) return;
        last = String(query);
        const mine = ++asked;
        try {
          const answer = await fetch(`${box.dataset.answers}${box.dataset.answers.includes("?") ? "&" : "?"}${query}`, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
          if (!answer.ok || answer.redirected || mine !== asked) return;
          list.innerHTML = (await answer.text()).trim();
          box.hidden = !list.children.length;
        } catch (error) { /* the form works without */ }
      }
      const soon = () => { window.clearTimeout(timer); timer = window.setTimeout(ask, 350); };
      sources.forEach((field) => {
        field.addEventListener("input", soon);
        field.addEventListener("keydown", (event) => {
          if (!event.altKey || event.key !== "ArrowDown" || box.hidden) return;
          event.preventDefault();
          const first = list.querySelector("summary");
          if (first) first.focus();
        });
      });
      form.addEventListener("change", (event) => { if (["category", "house_id"].includes(event.target.name)) soon(); });
      list.addEventListener("keydown", (event) => {
        const titles = Array.from(list.querySelectorAll("summary"));
        const here = titles.indexOf(event.target);
        if (event.key === "Escape" && sources[0]) { event.preventDefault(); event.stopPropagation(); sources[0].focus(); }
        if (here < 0 || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
        event.preventDefault();
        titles[(here + (event.key === "ArrowDown" ? 1 : titles.length - 1)) % titles.length].focus();
      });
      list.addEventListener("click", (event) => {
        const button = event.target.closest("[data-take-answer]");
        if (button) take(form, box, button);
      });
      if (sources.length && words()) ask();
    });
  }

  function take(form, box, button) {
    const used = form.elements.answers, field = form.elements[box.dataset.into];
    if (!used || !field) return;
    const ids = new Set(used.value.split(",").filter(Boolean));
    ids.add(button.dataset.takeAnswer);
    used.value = Array.from(ids).join(",");
    const text = button.closest(".answer-hint").querySelector(".answer-hint__text").textContent.trim();
    if (!field.value.includes(text)) field.value = (field.value.trim() ? `${field.value.trim()}\n` : "") + text;
    const kind = box.dataset.kind && form.querySelector(`[name=kind][value="${box.dataset.kind}"]`);
    if (kind && !field.offsetParent) { kind.checked = true; kind.dispatchEvent(new Event("change", { bubbles: true })); }
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  document.addEventListener("sheet:filled", (event) => prepare(event.detail));
  prepare(document);
})();
