// Fetches the parts of a workbench anew when the house has changed (live.js says so), and once a minute. A part in which
// somebody types, or over which a dialog is open, waits; what had the focus has it again.
(function () {
  "use strict";
  const url = document.querySelector("[data-refresh]")?.dataset.refresh;
  if (!url) return;
  const EVERY = 60000, NOT_SOONER = 3000;
  const sign = document.querySelector("[data-live]");
  if (sign) sign.hidden = false;
  const last = new Map();
  const tokenless = (html) => html.replace(/name="csrf_token" value="[^"]*"/g, "").trim();
  document.querySelectorAll("[data-part]").forEach((part) => last.set(part.dataset.part, tokenless(part.innerHTML)));
  let asked = 0, waiting = 0;

  const typing = (part) => {
    const at = document.activeElement;
    return document.querySelector("dialog[open]") !== null || (part.contains(at) && at.matches("input, textarea, select, [contenteditable]"));
  };

  function swap(part, html) {
    if (last.get(part.dataset.part) === tokenless(html)) return true;
    if (typing(part)) return false;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const key = focused && (focused.getAttribute("href") || focused.getAttribute("action") || focused.closest("form")?.getAttribute("action"));
    const opened = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
    part.innerHTML = html;
    last.set(part.dataset.part, tokenless(html));
    opened.forEach((id) => { const one = document.getElementById(id); if (one) one.open = true; });
    if (focused) {
      const same = key && part.querySelector(`[href="${CSS.escape(key)}"], form[action="${CSS.escape(key)}"] button`);
      if (same) same.focus({ preventScroll: true });
      else { part.tabIndex = -1; part.focus({ preventScroll: true }); }
    }
    return true;
  }

  async function refresh() {
    if (document.hidden) return;
    const soon = asked + NOT_SOONER - Date.now();
    if (soon > 0) { window.clearTimeout(waiting); waiting = window.setTimeout(refresh, soon); return; }
    asked = Date.now();
    try {
      const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      let all = true;
      fresh.querySelectorAll("[data-part]").forEach((part) => {
        const here = document.querySelector(`[data-part="${part.dataset.part}"]`);
        if (here && !swap(here, part.innerHTML)) all = false;
      });
      if (!all) { window.clearTimeout(waiting); waiting = window.setTimeout(refresh, NOT_SOONER); }
    } catch (error) { /* live.js says that the connection is gone */ }
  }

  document.addEventListener("linli:work", refresh);
  document.addEventListener("linli:lost", () => { if (sign) sign.classList.add("live--lost"); });
  document.addEventListener("linli:connected", () => { if (sign) sign.classList.remove("live--lost"); });
  document.addEventListener("visibilitychange", refresh);
  window.setInterval(refresh, EVERY);
})();
