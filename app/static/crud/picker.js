// One picker for forms, filters and the desk: a box that searches as one types (ARIA combobox with a listbox).
// It takes over
//   select.linli-picker[data-url]         (filters: the select stays and holds the value),
//   .picker[data-picker][data-url]        with an input[role=combobox] and a hidden input that holds the id,
//   the latter with data-multiple="name"  for several rows: each becomes a chip with a hidden input of that name.
// The server answers {results: [{id, text, detail}]}. A choice is told by the event "picked" on the holder, `detail` is the row.
(function () {
  "use strict";
  if (window.linliPicker) return;
  const words = document.getElementById("form-words");
  const said = (name, fallback) => (words && words.dataset[name]) || fallback;
  const WAIT = 180;
  const RECENT = 5;
  let count = 0;

  function make(tag, attributes, text) {
    const element = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // -- what was chosen lately in this tab: gone when it is closed, nobody else's afterwards --------------------------
  const key = (url) => `picked:${said("user", "")}:${url}`;
  function recent(url) {
    try { return JSON.parse(window.sessionStorage.getItem(key(url))) || []; } catch (error) { return []; }
  }
  function remember(url, row) {
    const kept = [row, ...recent(url).filter((other) => String(other.id) !== String(row.id))].slice(0, RECENT);
    try { window.sessionStorage.setItem(key(url), JSON.stringify(kept)); } catch (error) { /* a full or shut store: no matter */ }
  }

  function tidy(answer) {
    return (answer.results || answer.houses || []).map((row) => ({
      ...row,
      text: row.text || row.name,
      detail: row.detail !== undefined ? row.detail : [row.community, ...(row.people || []).map((one) => one.name)].filter(Boolean).join(" · "),
    }));
  }

  function attach(holder, store) {
    if (holder.dataset.ready) return;
    holder.dataset.ready = "1";
    const box = holder.querySelector("[role=combobox]");
    let list = holder.querySelector("[role=listbox]");
    const mark = box.id || `picker-${++count}`;
    if (!list) {
      list = make("div", { class: "picker__list", role: "listbox", id: `${mark}-list`, "aria-label": said("choices", "Choices"), hidden: "" });
      holder.append(list);
    }
    const status = make("span", { class: "visually-hidden", role: "status" });
    const clear = make("button", { type: "button", class: "picker__clear", "aria-label": said("clear", "Clear"), tabindex: "-1" }, "×");
    holder.append(clear, status);
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("autocapitalize", "off");
    box.setAttribute("spellcheck", "false");
    box.autocomplete = "off";
    let rows = [], at = -1, timer = 0, running = null, pending = false, chooseNext = false, chosenText = store.filled() ? box.value : "";

    function dress() { holder.classList.toggle("picker--filled", Boolean(box.value)); }
    function shut() {
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
      at = -1;
    }
    function halt() {
      window.clearTimeout(timer);
      if (running) running.abort();
      running = null;
      pending = false;
      chooseNext = false;
      holder.classList.remove("picker--busy");
    }
    function point(index) {
      const options = list.querySelectorAll("[role=option]");
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      at = index;
      if (options[index]) {
        box.setAttribute("aria-activedescendant", options[index].id);
        options[index].scrollIntoView({ block: "nearest" });
      } else box.removeAttribute("aria-activedescendant");
    }
    function choose(row) {
      halt();
      store.set(row);
      chosenText = store.many ? "" : row.text;
      box.value = chosenText;
      box.removeAttribute("aria-invalid");
      remember(holder.dataset.url, { id: row.id, text: row.text, detail: row.detail, people: row.people, community: row.community });
      shut();
      dress();
      status.textContent = row.text;
      holder.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: row }));
    }
    function option(row, index) {
      const line = make("div", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false" });
      line.append(make("span", { class: "picker__text" }, row.text));
      if (row.detail) line.append(make("small", { class: "picker__detail" }, row.detail));
      line.addEventListener("mousedown", (event) => event.preventDefault());
      line.addEventListener("click", () => choose(row));
      return line;
    }
    function draw(found, lately, more) {
      rows = [...lately, ...found];
      list.replaceChildren();
      if (lately.length) list.append(make("div", { class: "picker__head", role: "presentation" }, said("lately", "Chosen lately")));
      rows.forEach((row, index) => {
        if (lately.length && index === lately.length) list.append(make("div", { class: "picker__head", role: "presentation" }, said("all", "All")));
        list.append(option(row, index));
      });
      if (!rows.length) list.append(make("div", { class: "picker__none", role: "presentation" }, holder.dataset.none || said("none", "Nothing found")));
      else if (more) list.append(make("div", { class: "picker__none", role: "presentation" }, said("more", "There are more: type on.")));
      list.hidden = false;
      box.setAttribute("aria-expanded", "true");
      status.textContent = rows.length ? said("count", "%s found").replace("%s", rows.length + (more ? "+" : "")) : holder.dataset.none || said("none", "Nothing found");
      point(box.value.trim() && rows.length ? 0 : -1);
    }
    async function ask() {
      const typed = box.value.trim() === chosenText ? "" : box.value.trim();
      if (running) running.abort();
      const mine = new AbortController();
      running = mine;
      pending = true;
      holder.classList.add("picker--busy");
      try {
        const join = holder.dataset.url.includes("?") ? "&" : "?";
        const answer = await fetch(`${holder.dataset.url}${join}q=${encodeURIComponent(typed)}`, {
          headers: { Accept: "application/json" }, credentials: "same-origin", signal: mine.signal,
        });
        const read = answer.ok ? await answer.json() : { results: [] };
        if (running !== mine) return;
        pending = false;
        holder.classList.remove("picker--busy");
        const taken = store.taken();
        const free = (row) => !taken.includes(String(row.id));
        const lately = typed ? [] : recent(holder.dataset.url).filter(free);
        const known = lately.map((row) => String(row.id));
        const found = tidy(read).filter((row) => free(row) && !known.includes(String(row.id)));
        if (document.activeElement !== box) return;
        draw(found, lately, Boolean(read.pagination && read.pagination.more));
        if (chooseNext) { chooseNext = false; if (rows.length === 1) choose(rows[0]); }
      } catch (error) {
        if (error.name !== "AbortError") { pending = false; holder.classList.remove("picker--busy"); shut(); }
      }
    }

    box.addEventListener("input", () => {
      // Typing over a choice takes it back: what is shown and what is sent must never differ.
      if (!store.many && store.filled()) store.clear();
      chosenText = "";
      dress();
      window.clearTimeout(timer);
      pending = true;
      timer = window.setTimeout(ask, WAIT);
    });
    box.addEventListener("click", () => { if (list.hidden) ask(); });
    box.addEventListener("blur", () => {
      if (!list.hidden && !store.filled() && box.value.trim() && rows.length === 1 && !pending) choose(rows[0]);
      halt();
      shut();
      if (store.strict && !store.filled()) { box.value = ""; dress(); }
    });
    box.addEventListener("keydown", (event) => {
      const open = !list.hidden;
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) { ask(); return; }
        if (!rows.length) return;
        const step = event.key === "ArrowDown" ? 1 : -1;
        point(at < 0 && step < 0 ? rows.length - 1 : (at + step + rows.length) % rows.length);
      } else if ((event.key === "Home" || event.key === "End") && open && at >= 0 && !event.shiftKey) {
        event.preventDefault();
        point(event.key === "Home" ? 0 : rows.length - 1);
      } else if (event.key === "Enter") {
        if (open && at >= 0) { event.preventDefault(); choose(rows[at]); }
        else if (open) { event.preventDefault(); shut(); }
        else if (pending && box.value.trim() && !store.filled()) { event.preventDefault(); chooseNext = true; }
      } else if (event.key === "Escape") {
        if (open) { event.preventDefault(); event.stopPropagation(); shut(); }
        else if (box.value) { event.preventDefault(); event.stopPropagation(); empty(); }
      } else if (event.key === "Tab" && open && at >= 0 && box.value.trim() && !store.filled()) {
        choose(rows[at]);
      } else if (event.key === "Backspace" && store.many && !box.value) store.dropLast();
    });
    function empty() {
      halt();
      if (!store.many) store.clear();
      chosenText = "";
      box.value = "";
      dress();
      shut();
      holder.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: null }));
      box.focus();
    }
    clear.addEventListener("mousedown", (event) => event.preventDefault());
    clear.addEventListener("click", empty);
    holder.addEventListener("picker:show", () => { chosenText = store.filled() ? box.value : ""; dress(); });
    dress();
  }

  // -- where a choice is kept ---------------------------------------------------------------------------------------
  function inSelect(select) {
    const tell = () => select.dispatchEvent(new Event("change", { bubbles: true }));
    return {
      strict: true,
      filled: () => Boolean(select.value),
      taken: () => [],
      set: (row) => { select.replaceChildren(new Option(row.text, row.id, true, true)); tell(); },
      clear: () => { select.replaceChildren(new Option("", "", true, true)); tell(); },
    };
  }
  function inHidden(field) {
    return {
      filled: () => Boolean(field.value),
      taken: () => [],
      set: (row) => { field.value = row.id; field.dispatchEvent(new Event("change", { bubbles: true })); },
      clear: () => { field.value = ""; field.dispatchEvent(new Event("change", { bubbles: true })); },
    };
  }
  function inChips(holder, name) {
    const chips = holder.querySelector(".picker__chips");
    const store = {
      many: true,
      filled: () => false,
      taken: () => Array.from(chips.querySelectorAll("input")).map((field) => field.value),
      set: (row) => {
        const chip = make("span", { class: "picker__chip" }, row.text);
        const drop = make("button", { type: "button", class: "picker__drop", "aria-label": `${said("remove", "Remove")}: ${row.text}` }, "×");
        chip.append(make("input", { type: "hidden", name, value: row.id }), drop);
        chips.append(chip);
        chips.dispatchEvent(new Event("change", { bubbles: true }));
      },
      clear: () => {},
      dropLast: () => { if (chips.lastElementChild) chips.lastElementChild.remove(); },
    };
    chips.addEventListener("click", (event) => {
      const drop = event.target.closest(".picker__drop");
      if (!drop) return;
      drop.parentElement.remove();
      chips.dispatchEvent(new Event("change", { bubbles: true }));
      holder.querySelector("[role=combobox]").focus();
    });
    return store;
  }

  function takeSelect(select) {
    if (select.dataset.ready) return;
    select.dataset.ready = "1";
    const holder = make("div", { class: "picker" });
    Object.assign(holder.dataset, { url: select.dataset.url, none: select.dataset.none || "" });
    const box = make("input", { type: "text", class: "form-control", role: "combobox", placeholder: select.dataset.placeholder || said("type", "") });
    if (select.getAttribute("aria-label")) box.setAttribute("aria-label", select.getAttribute("aria-label"));
    if (select.id) { box.id = select.id; select.removeAttribute("id"); }
    const chosen = select.selectedOptions[0];
    box.value = chosen && chosen.value ? chosen.textContent.trim() : "";
    const focused = document.activeElement === select;
    select.before(holder);
    holder.append(box);
    select.hidden = true;
    attach(holder, inSelect(select));
    if (focused) box.focus();
  }
  function takeHolder(holder) {
    const name = holder.dataset.multiple;
    attach(holder, name ? inChips(holder, name) : inHidden(holder.querySelector("input[type=hidden]")));
  }
  function enhance(root) {
    root.querySelectorAll("select.linli-picker[data-url]").forEach(takeSelect);
    root.querySelectorAll(".picker[data-picker][data-url]").forEach(takeHolder);
  }
  window.linliPicker = { enhance };
  if (!said("user", "")) {
    // Nobody is logged in: what the last person chose is nobody's business.
    try { Object.keys(window.sessionStorage).filter((name) => name.startsWith("picked:")).forEach((name) => window.sessionStorage.removeItem(name)); } catch (error) { /* no store */ }
  }
  enhance(document);
  // Forms that come later (a step's dialog, a tab) are taken over as they appear.
  new MutationObserver((changes) => {
    changes.forEach((change) => change.addedNodes.forEach((node) => { if (node.nodeType === 1 && node.parentElement) enhance(node.parentElement); }));
  }).observe(document.body, { childList: true, subtree: true });
})();
