// While a matter is taken down: what the words point to, and what the household has open already. Suggestions never overrule
// what somebody has chosen; an emergency is only ever offered, because it rings telephones.
(function () {
  "use strict";
  const form = document.querySelector("[data-hints]");
  if (!form) return;
  const open = form.querySelector("[data-open]"), list = form.querySelector("[data-open-list]");
  const touched = {};
  let last = null, timer = 0, asked = 0;

  ["category", "priority"].forEach((name) => {
    touched[name] = Boolean((form.querySelector(`[name=${name}]:checked`) || { value: "" }).value);
    form.querySelectorAll(`[name=${name}]`).forEach((radio) => radio.addEventListener("change", () => { touched[name] = true; }));
  });

  const state = () => [form.elements.house_id.value, form.elements.title.value, form.elements.description.value].join("\n");

  function suggest(name, found) {
    const line = form.querySelector(`[data-suggest=${name}]`);
    line.replaceChildren();
    line.hidden = !found;
    if (!found) return;
    const radio = form.querySelector(`[name=${name}][value="${CSS.escape(found.code)}"]`);
    if (!touched[name] && radio && found.code !== "emergency") radio.checked = true;
    const say = document.createElement("span");
    say.textContent = `${found.name} · ${found.why}`;
    line.append(say);
    line.classList.toggle("suggested--bad", found.code === "emergency");
    if (radio && !radio.checked) {
      const take = document.createElement("button");
      take.type = "button";
      take.className = "phrase";
      take.textContent = found.name;
      take.addEventListener("click", () => { radio.checked = true; touched[name] = true; radio.focus(); take.remove(); });
      line.append(take);
    }
  }

  function draw(matters, category) {
    const near = [...matters].sort((one, other) => (other.category === category) - (one.category === category));
    list.replaceChildren(...near.map((matter) => {
      const row = document.createElement("li"), words = document.createElement("span");
      row.className = matter.category === category ? "openmatters__same" : "";
      const link = document.createElement("a");
      link.href = `/ticket/${matter.number}`;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = matter.title;
      const foot = document.createElement("small");
      foot.textContent = [matter.number, matter.category_name, matter.state, matter.since].filter(Boolean).join(" · ");
      words.append(link, foot);
      const join = document.createElement("button");
      join.type = "submit";
      join.name = "join";
      join.value = matter.number;
      join.formNoValidate = true;
      join.className = "btn btn-default btn-sm";
      join.textContent = open.dataset.join;
      join.setAttribute("aria-label", `${open.dataset.join}: ${matter.title}`);
      row.append(words, join);
      return row;
    }));
    open.hidden = !matters.length;
  }

  async function ask() {
    const [house, title, description] = [form.elements.house_id.value, form.elements.title.value, form.elements.description.value];
    const mine = ++asked;
    try {
      const query = new URLSearchParams({ house, words: `${title} ${description}`.slice(0, 600) });
      const answer = await fetch(`${form.dataset.hints}?${query}`, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected || mine !== asked) return;
      const found = await answer.json();
      suggest("category", found.category);
      suggest("priority", found.priority);
      const chosen = form.querySelector("[name=category]:checked");
      draw(found.open, chosen ? chosen.value : "");
    } catch (error) { /* the form works without */ }
  }

  // The house is set by its picker without an event of its own, so the form is compared now and then.
  window.setInterval(() => {
    const now = state();
    if (now === last) return;
    const first = last === null;
    last = now;
    window.clearTimeout(timer);
    if (!first || now.trim()) timer = window.setTimeout(ask, 250);
  }, 300);
})();
