// The new ticket: whoever lives in the chosen house is offered as the reporter. The picker itself is crud/picker.js.
(function () {
  "use strict";
  const form = document.querySelector("[data-desk]");
  if (!form) return;
  const people = form.querySelector("[data-people]");

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

  form.querySelector("[data-picker]").addEventListener("picked", (event) => offer((event.detail && event.detail.people) || []));
  people.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) take(button); });
  form.elements.reporter_name.addEventListener("input", () => { form.elements.reporter_id.value = ""; });
})();
