// Fetches the waiting list anew while the page is looked at; never while somebody types or has a dialog open.
(function () {
  "use strict";
  const part = document.querySelector("[data-refresh]");
  if (!part) return;
  const every = Math.max(5, Number(part.dataset.every) || 20) * 1000;
  const sign = document.querySelector("[data-live]");
  if (sign) sign.hidden = false;
  let last = part.innerHTML.trim();

  const tokenless = (html) => html.replace(/name="csrf_token" value="[^"]*"/g, "");

  async function refresh() {
    if (document.hidden || document.querySelector("dialog[open]") || part.contains(document.activeElement)) return;
    try {
      const answer = await fetch(part.dataset.refresh, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
      if (answer.redirected) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = (await answer.text()).trim();
      if (sign) sign.classList.remove("live--lost");
      if (tokenless(html) !== tokenless(last)) { part.innerHTML = html; last = html; }
    } catch (error) {
      if (sign) sign.classList.add("live--lost");
    }
  }
  window.setInterval(refresh, every);
  document.addEventListener("visibilitychange", refresh);
})();
