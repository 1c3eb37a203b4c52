// A household's forms: words that sound dangerous are answered at once, and what was typed is kept on the device until it is sent.
// Without this script the same pages work; the server looks at the words again.
(function () {
  "use strict";
  const LONGEST_KEPT = 7 * 24 * 3600 * 1000;
  const SENT = "owner-sent";
  const form = document.querySelector("[data-draft]");
  let store = null;
  try { store = window.localStorage; } catch (error) { store = null; }

  // What was typed is forgotten when the matter it became is seen, not before: a session may have ended in between.
  if (store && !form && window.location.pathname.startsWith("/owner/ticket/") && store.getItem(SENT)) {
    store.removeItem(store.getItem(SENT));
    store.removeItem(SENT);
  }
  if (!form) return;

  const loud = JSON.parse(form.dataset.loud || "{}");
  const box = form.querySelector("[name=description]");
  function listen() {
    const text = box.value.toLowerCase();
    const heard = (level) => (loud[level] || []).some((word) => text.includes(word.toLowerCase()));
    const danger = heard("emergency");
    form.querySelectorAll("[data-loud-words]").forEach((line) => {
      line.hidden = line.dataset.loudWords === "emergency" ? !danger : danger || !heard("urgent");
    });
  }
  box.addEventListener("input", listen);
  listen();

  const KEPT = ["kind", "category", "spot", "place", "description", "wish"];
  const key = form.dataset.draft;
  const note = form.querySelector("[data-draft-note]");

  function fields() { return KEPT.flatMap((name) => Array.from(form.querySelectorAll(`[name="${name}"]`))); }
  function save() {
    if (!store) return;
    const kept = { at: Date.now() };
    fields().forEach((field) => {
      if (field.type === "radio") { if (field.checked) kept[field.name] = field.value; } else if (field.value) kept[field.name] = field.value;
    });
    try {
      if (kept.description || kept.place || kept.wish) { store.setItem(key, JSON.stringify(kept)); note.hidden = false; } else store.removeItem(key);
    } catch (error) { /* a full or shut store keeps nothing */ }
  }
  function forget() { if (store) store.removeItem(key); note.hidden = true; }
  function bring() {
    let kept = null;
    try { kept = JSON.parse((store && store.getItem(key)) || "null"); } catch (error) { kept = null; }
    if (!kept || Date.now() - kept.at > LONGEST_KEPT || document.getElementById("form-error")) return;
    if (box.value.trim() || window.location.search) return;
    fields().forEach((field) => {
      if (!(field.name in kept)) return;
      if (field.type === "radio") field.checked = field.value === kept[field.name]; else field.value = kept[field.name];
    });
    note.hidden = false;
    listen();
  }
  if (store) store.removeItem(SENT);
  bring();
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  form.addEventListener("submit", () => { save(); if (store) store.setItem(SENT, key); });
  form.querySelector("[data-draft-clear]").addEventListener("click", () => { forget(); form.reset(); listen(); });
})();
