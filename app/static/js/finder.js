// The search box of the top bar: suggestions as one types, in groups by type; works by keyboard, says what it found,
// and throws away answers to words that have changed since.
(function () {
  "use strict";
  const form = document.querySelector("[data-finder]");
  if (!form) return;
  const box = form.querySelector("[role=combobox]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[data-finder-status]");
  const icons = (form.querySelector("use").getAttribute("href") || "").split("#")[0];
  let timer = 0, asking = null, answered = "", active = -1, best = "";

  const options = () => [...list.querySelectorAll("[role=option]")];

  function show(open) {
    list.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  }
  function mark(index) {
    active = index;
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    const chosen = options()[index];
    if (chosen) { box.setAttribute("aria-activedescendant", chosen.id); chosen.scrollIntoView({ block: "nearest" }); }
    else box.removeAttribute("aria-activedescendant");
  }
  function picture(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${icons}#${name}`);
    svg.append(use);
    return svg;
  }
  function line(found, number) {
    const option = document.createElement("div");
    option.className = "finder__option";
    option.id = `found-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.href = found.href;
    const text = document.createElement("span");
    const label = document.createElement("strong");
    label.textContent = found.label;
    if (found.data !== false) label.setAttribute("translate", "no");
    text.append(label);
    if (found.hint) { const hint = document.createElement("small"); hint.textContent = found.hint; text.append(hint); }
    option.append(picture(found.icon), text);
    return option;
  }
  function draw(answer, words) {
    list.replaceChildren();
    let number = 0;
    answer.groups.forEach((group) => {
      const part = document.createElement("div");
      part.setAttribute("role", "group");
      part.setAttribute("aria-label", group.label);
      const head = document.createElement("p");
      head.className = "finder__group";
      head.setAttribute("aria-hidden", "true");
      head.textContent = group.label;
      part.append(head, ...group.found.map((found) => line(found, number++)));
      list.append(part);
    });
    status.textContent = number ? form.dataset.found.replace("{}", number) : form.dataset.none;
    list.append(line({ href: `/search?q=${encodeURIComponent(words)}`, icon: "search", label: (number ? form.dataset.more : `${form.dataset.none} · ${form.dataset.more}`).replace("{}", words) }, number));
    best = answer.best || "";
    show(true);
    mark(-1);
  }
  async function ask() {
    const words = box.value.trim();
    if (asking) asking.abort();
    if (!words) { answered = ""; best = ""; show(false); return; }
    if (words === answered) { show(true); return; }
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.url}?q=${encodeURIComponent(words)}`, { credentials: "same-origin", headers: { "X-Fragment": "1" }, signal: asking.signal });
      if (window.linli && window.linli.expired(answer)) return;
      if (!answer.ok) return;
      const found = await answer.json();
      if (box.value.trim() !== words || document.activeElement !== box) return;
      answered = words;
      draw(found, words);
    } catch (error) { if (error.name !== "AbortError") show(false); }
  }
  function go(href) { if (window.linli) window.linli.busy(true); window.location.assign(href); }

  box.addEventListener("input", (event) => {
    if (event.isComposing) return;
    best = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 160);
  });
  // A Chinese input method sends its letters first and the characters at the end.
  box.addEventListener("compositionend", () => { window.clearTimeout(timer); timer = window.setTimeout(ask, 60); });
  box.addEventListener("focus", () => { if (box.value.trim() && box.value.trim() === answered) show(true); });
  box.addEventListener("blur", () => window.setTimeout(() => { if (document.activeElement !== box) show(false); }, 150));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active < 0 ? (step > 0 ? 0 : all.length - 1) : (active + step + all.length) % all.length);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      go(all[active].dataset.href);
    } else if (event.key === "Enter" && best && box.value.trim() === answered) {
      event.preventDefault();
      go(best);
    } else if (event.key === "Escape") {
      // The browser would empty a search field at once: the first Escape only closes the suggestions.
      event.preventDefault();
      if (list.hidden) { box.value = ""; answered = ""; best = ""; } else { event.stopPropagation(); show(false); }
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const option = event.target.closest("[role=option]"); if (option) go(option.dataset.href); });
})();
