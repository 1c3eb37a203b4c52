// The house picker of the new ticket: finds as one types, works by keyboard, and offers who lives there as the reporter.
(function () {
  "use strict";
  const form = document.querySelector("[data-desk]");
  if (!form) return;
  const picker = form.querySelector("[data-picker]");
  const box = picker.querySelector("[role=combobox]");
  const hidden = picker.querySelector("[name=house_id]");
  const list = picker.querySelector("[role=listbox]");
  const people = form.querySelector("[data-people]");
  let found = [], active = -1, timer = 0, asked = 0;

  function show(open) { list.hidden = !open; box.setAttribute("aria-expanded", String(open)); if (!open) { active = -1; box.removeAttribute("aria-activedescendant"); } }

  function mark(index) {
    const options = list.querySelectorAll("[role=option]");
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    active = index;
    if (options[index]) { options[index].scrollIntoView({ block: "nearest" }); box.setAttribute("aria-activedescendant", options[index].id); }
  }

  function draw() {
    list.replaceChildren();
    if (!found.length) {
      const none = document.createElement("p");
      none.className = "picker__none";
      none.textContent = picker.dataset.none;
      list.append(none);
    }
    found.forEach((house, index) => {
      const option = document.createElement("div");
      option.id = `house-${house.id}`;
      option.setAttribute("role", "option");
      const name = document.createElement("strong");
      name.textContent = house.name;
      const who = document.createElement("small");
      who.className = "muted";
      who.textContent = ` ${[house.community, ...house.people.map((person) => person.name)].join(" · ")}`;
      option.append(name, who);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(index); });
      list.append(option);
    });
    show(true);
    mark(found.length ? 0 : -1);
  }

  async function ask() {
    const words = box.value.trim();
    if (!words) { found = []; show(false); return; }
    const mine = ++asked;
    try {
      const answer = await fetch(`${picker.dataset.url}?q=${encodeURIComponent(words)}`, { credentials: "same-origin" });
      if (!answer.ok || mine !== asked) return;
      found = (await answer.json()).houses;
      draw();
    } catch (error) { show(false); }
  }

  function choose(index) {
    const house = found[index];
    if (!house) return;
    box.value = house.name;
    hidden.value = house.id;
    show(false);
    offer(house.people);
  }

  function offer(persons) {
    people.replaceChildren();
    persons.forEach((person) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-default btn-sm";
      button.textContent = `${person.name} · ${person.role}`;
      Object.assign(button.dataset, { person: person.id, name: person.name, phone: person.phone });
      people.append(button);
    });
    if (persons.length === 1) take(people.firstElementChild);
  }

  function take(button) {
    form.elements.reporter_id.value = button.dataset.person;
    form.elements.reporter_name.value = button.dataset.name;
    form.elements.reporter_phone.value = button.dataset.phone;
    people.querySelectorAll("button").forEach((other) => other.classList.toggle("btn-primary", other === button));
  }

  box.addEventListener("input", () => { hidden.value = ""; window.clearTimeout(timer); timer = window.setTimeout(ask, 180); });
  box.addEventListener("blur", () => window.setTimeout(() => show(false), 120));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(); return; }
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((active + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") { show(false); }
  });
  people.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) take(button); });
  form.elements.reporter_name.addEventListener("input", () => { form.elements.reporter_id.value = ""; });
})();
