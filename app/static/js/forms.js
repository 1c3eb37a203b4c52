// Forms that lose nothing: what was typed is kept in this tab until it has arrived, the first mistake gets the focus, files are
// measured before they are sent, and switching something off says what that means.
(function () {
  "use strict";
  const words = document.getElementById("form-words");
  const said = (name, fallback) => (words && words.dataset[name]) || fallback;
  const user = said("user", "");
  const HOURS = 12 * 3600 * 1000;
  const FIELDS = "input:not([type=hidden]):not([type=password]):not([type=file]):not([type=submit]):not([type=button]), textarea, select";

  // -- drafts ---------------------------------------------------------------------------------------------------------
  const store = {
    all() { try { return Object.keys(window.sessionStorage).filter((name) => name.startsWith("draft:")); } catch (error) { return []; } },
    get(name) { try { return JSON.parse(window.sessionStorage.getItem(name)); } catch (error) { return null; } },
    set(name, value) { try { window.sessionStorage.setItem(name, JSON.stringify(value)); } catch (error) { /* full or shut: the server still shows the text */ } },
    drop(name) { try { window.sessionStorage.removeItem(name); } catch (error) { /* nothing to drop */ } },
  };
  const nameOf = (form) => `draft:${user}:${window.location.pathname}:${new URL(form.action, window.location.href).pathname}`;

  function keepable(form) {
    if (form.method.toLowerCase() !== "post" || form.closest("dialog") || "draft" in form.dataset || "noDraft" in form.dataset) return false;
    if (form.querySelector("input[type=password]")) return false;
    return "form" in form.dataset || "desk" in form.dataset || Boolean(form.querySelector("textarea"));
  }
  function read(form) {
    const kept = {};
    form.querySelectorAll(FIELDS).forEach((field) => {
      if (!field.name || field.disabled) return;
      if (field.type === "radio") { if (field.checked) kept[field.name] = field.value; }
      else if (field.type === "checkbox") kept[field.name] = field.checked;
      else if (!(field.tagName === "SELECT" && field.multiple)) kept[field.name] = field.value;
    });
    form.querySelectorAll(".picker[data-picker]:not([data-multiple]) input[type=hidden]").forEach((field) => { kept[field.name] = field.value; });
    return kept;
  }
  function fill(form, kept) {
    let changed = 0;
    form.querySelectorAll(FIELDS).forEach((field) => {
      if (!field.name || !(field.name in kept)) return;
      const value = kept[field.name];
      if (field.type === "radio") { if (field.value === value && !field.checked) { field.checked = true; changed += 1; } }
      else if (field.type === "checkbox") { if (field.checked !== value) { field.checked = value; changed += 1; } }
      else if (field.value !== value) { field.value = value; if (field.value === value) changed += 1; }
    });
    form.querySelectorAll(".picker[data-picker]:not([data-multiple])").forEach((holder) => {
      const field = holder.querySelector("input[type=hidden]");
      if (field.name in kept && field.value !== kept[field.name]) { field.value = kept[field.name]; changed += 1; }
      holder.dispatchEvent(new Event("picker:show"));
    });
    return changed;
  }
  function tell(form, name, before) {
    const bar = document.createElement("div");
    bar.className = "notice notice--info kept";
    bar.setAttribute("role", "status");
    const text = document.createElement("p");
    text.textContent = said("restored", "What you had typed here is back.");
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "btn btn-default btn-sm";
    drop.textContent = said("discard", "Discard it");
    drop.addEventListener("click", () => { store.drop(name); fill(form, before); bar.remove(); });
    bar.append(text, drop);
    form.prepend(bar);
  }
  function keep(form) {
    const name = nameOf(form);
    const draft = store.get(name);
    const fresh = read(form);
    if ("kept" in form.dataset) store.set(name, { at: Date.now(), fields: fresh });
    else if (draft && Date.now() - draft.at < HOURS) { if (fill(form, draft.fields)) tell(form, name, fresh); else store.drop(name); }
    let timer = 0;
    const note = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => store.set(name, { at: Date.now(), fields: read(form) }), 250);
    };
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("submit", () => { window.clearTimeout(timer); store.set(name, { at: Date.now(), sent: true, fields: read(form) }); });
    form.querySelectorAll("[data-leave]").forEach((link) => link.addEventListener("click", () => { window.clearTimeout(timer); store.drop(name); }));
  }
  function sweep() {
    const halted = !user || document.querySelector("[data-keeps-drafts]");
    store.all().forEach((name) => {
      const draft = store.get(name);
      if (!draft || Date.now() - draft.at > HOURS || (user && !name.startsWith(`draft:${user}:`))) { store.drop(name); return; }
      if (!draft.sent) return;
      // It was sent: a refusal or the log-in page means that it has not arrived, any other page that it has.
      if (halted) store.set(name, { at: draft.at, fields: draft.fields });
      else if (!Array.from(document.forms).some((form) => keepable(form) && nameOf(form) === name)) store.drop(name);
    });
  }
  sweep();
  if (user) document.querySelectorAll("form").forEach((form) => { if (keepable(form)) keep(form); });

  // -- the first mistake ------------------------------------------------------------------------------------------------
  const summary = document.getElementById("form-summary");
  if (summary) (document.querySelector(".form [aria-invalid=true]") || summary).focus();
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".form__wrong a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const inside = field.matches("fieldset") ? field.querySelector("input") : field;
    inside.focus();
    inside.scrollIntoView({ block: "center" });
  });

  // -- files ------------------------------------------------------------------------------------------------------------
  const MB = 1024 * 1024;
  const TOGETHER = 20 * MB;
  function measure(box) {
    const most = Number(box.dataset.mostBytes) || 10 * MB;
    const files = Array.from(box.files);
    const big = files.find((file) => file.size > most);
    const sum = files.reduce((total, file) => total + file.size, 0);
    let error = "";
    if (big) error = said("tooBig", "“%(file)s” is too big: at most %(limit)s MB.").replace("%(file)s", big.name).replace("%(limit)s", String(Math.floor(most / MB)));
    else if (sum > TOGETHER) error = said("tooMuch", "Together these files are too big: at most %(limit)s MB.").replace("%(limit)s", "20");
    let line = box.parentElement.querySelector(".field__error[data-size]");
    if (!line && error) {
      line = document.createElement("p");
      line.className = "field__error";
      line.dataset.size = "1";
      line.setAttribute("role", "alert");
      box.after(line);
    }
    if (line) line.textContent = error;
    if (error) box.setAttribute("aria-invalid", "true"); else box.removeAttribute("aria-invalid");
    return !error;
  }
  document.addEventListener("change", (event) => { if (event.target.matches("input[type=file]") && !event.target.closest("[data-photos]")) measure(event.target); });
  document.addEventListener("submit", (event) => {
    const bad = Array.from(event.target.querySelectorAll("input[type=file]")).find((box) => !box.closest("[data-photos]") && !measure(box));
    if (bad) { event.preventDefault(); event.stopImmediatePropagation(); bad.focus(); }
  }, true);

  // -- switching off ----------------------------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches("[role=switch][name=active]") || !box.defaultChecked || !box.form) return;
    if (box.checked) { delete box.form.dataset.confirm; delete box.form.dataset.confirmDanger; return; }
    box.form.dataset.confirm = said("deactivate", "It is no longer used from now on.");
    box.form.dataset.confirmDanger = "";
  });
})();
