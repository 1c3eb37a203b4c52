// Forms of a step open in a dialog over the page. Without this script the same links are pages of their own.
(function () {
  "use strict";
  if (!window.HTMLDialogElement) return;
  const FRAGMENT = { "X-Fragment": "1" };
  let sheet = null;

  function close() { if (sheet) { sheet.close(); } }

  function build(html) {
    const dialog = document.createElement("dialog");
    dialog.className = "sheet";
    const head = document.createElement("div");
    head.className = "sheet__head";
    const title = document.createElement("h2");
    title.id = "sheet-title";
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "sheet__close";
    shut.textContent = "✕";
    shut.setAttribute("aria-label", document.documentElement.lang === "en" ? "Close" : "关闭");
    shut.addEventListener("click", close);
    head.append(title, shut);
    const body = document.createElement("div");
    body.className = "sheet__body";
    dialog.append(head, body);
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.addEventListener("close", () => { dialog.remove(); if (sheet === dialog) sheet = null; });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
    fill(dialog, html);
    return dialog;
  }

  function fill(dialog, html) {
    const body = dialog.querySelector(".sheet__body");
    body.innerHTML = html;
    const form = body.querySelector("form");
    const titled = body.querySelector("[data-title]");
    dialog.querySelector("h2").textContent = titled ? titled.dataset.title : "";
    // A form that shows how far its sending is sends itself.
    if (form && !form.hasAttribute("data-progress")) form.addEventListener("submit", send);
    const stop = body.querySelector("[data-close]");
    if (stop) stop.addEventListener("click", (event) => { event.preventDefault(); close(); });
    document.dispatchEvent(new CustomEvent("sheet:filled", { detail: body }));
    const first = body.querySelector("select, textarea, input:not([type=hidden]):not([hidden])");
    if (first) first.focus();
  }

  async function open(link) {
    let answer;
    try {
      answer = await fetch(link.href, { headers: FRAGMENT, credentials: "same-origin" });
    } catch (error) { window.location.assign(link.href); return; }
    if (!answer.ok || answer.redirected) { window.location.assign(link.href); return; }
    const html = await answer.text();
    close();
    sheet = build(html);
    document.body.append(sheet);
    sheet.showModal();
    fill(sheet, html);
  }

  async function send(event) {
    event.preventDefault();
    event.stopPropagation();
    const form = event.target;
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: FRAGMENT, credentials: "same-origin" });
    } catch (error) { unsent(form, button, ""); return; }
    const kind = answer.headers.get("Content-Type") || "";
    if (answer.ok && kind.includes("json")) {
      window.location.assign((await answer.json()).location);
      return;
    }
    const html = await answer.text();
    if (answer.status >= 500) { unsent(form, button, ""); return; }
    if (!html.includes("<html")) { fill(sheet, html); return; }
    // A whole page: where the step led, or a refusal. The login page would take what was written with it.
    if (answer.ok && answer.redirected && !new URL(answer.url).pathname.startsWith("/login")) { window.location.assign(answer.url); return; }
    const told = new DOMParser().parseFromString(html, "text/html").querySelector("[role=alert]");
    unsent(form, button, told && !answer.ok ? told.textContent.trim() : "");
  }

  // The dialog stays open with everything in it, says why above the form, and can be sent again.
  function unsent(form, button, words) {
    form.querySelectorAll(".notice[role=alert]").forEach((old) => old.remove());
    const alert = document.createElement("div");
    alert.className = "notice notice--bad";
    alert.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words || document.body.dataset.unsent;
    alert.append(text);
    form.prepend(alert);
    button.disabled = false;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link);
  });
})();
