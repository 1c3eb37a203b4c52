// What every page shares: navigation, menus, theme, toasts, waiting, shortcuts, forms that are sent once.
(function () {
  "use strict";
  const body = document.body;
  const root = document.documentElement;
  const token = () => { const field = document.querySelector("input[name=csrf_token]"); return field ? field.value : ""; };
  const year = "; path=/; max-age=31536000; samesite=lax" + (location.protocol === "https:" ? "; secure" : "");

  // ---- navigation: a drawer on small screens, a strip of icons on wide ones when folded ------------------------
  const toggles = document.querySelectorAll("[data-toggle-nav]");
  const narrow = window.matchMedia("(max-width: 980px)");
  let opener = null;

  function setNav(open) {
    body.classList.toggle("nav-open", open);
    toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", String(open)));
    if (open) { const first = document.querySelector("#nav a, #nav summary"); if (first) first.focus(); }
    else if (opener) { opener.focus(); opener = null; }
  }
  function setRail(folded) {
    body.classList.toggle("rail", folded);
    document.cookie = `linli_rail=${folded ? 1 : 0}${year}`;
    toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", String(!folded)));
    labelRail();
  }
  function labelRail() {
    const folded = body.classList.contains("rail") && !narrow.matches;
    document.querySelectorAll("#nav [data-tip]").forEach((link) => { if (folded) link.title = link.dataset.tip; else link.removeAttribute("title"); });
    if (folded) document.querySelectorAll("#nav details").forEach((group) => { group.open = true; });
  }
  toggles.forEach((toggle) => toggle.addEventListener("click", () => {
    if (!narrow.matches) { setRail(!body.classList.contains("rail")); return; }
    const open = !body.classList.contains("nav-open");
    opener = open ? toggle : null;
    setNav(open);
  }));
  if (toggles.length && !narrow.matches) toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", String(!body.classList.contains("rail"))));
  labelRail();
  document.addEventListener("click", (event) => {
    if (body.classList.contains("nav-open") && !event.target.closest("#nav, [data-toggle-nav]")) { opener = null; setNav(false); }
  });
  document.querySelectorAll("#nav details[data-group]").forEach((group) => group.addEventListener("toggle", () => {
    if (body.classList.contains("rail")) return;
    const folded = [...document.querySelectorAll("#nav details[data-group]:not([open])")].map((one) => one.dataset.group);
    document.cookie = `linli_nav=${folded.join(".")}${year}`;
  }));

  // ---- menus ----------------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (body.classList.contains("nav-open")) setNav(false);
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // ---- theme: changed at once, kept by the server ---------------------------------------------------------------
  document.querySelectorAll("[data-theme-form]").forEach((form) => form.addEventListener("submit", (event) => {
    if (!event.submitter) return;
    event.preventDefault();
    event.stopPropagation();
    const theme = event.submitter.value;
    root.dataset.theme = theme;
    document.querySelectorAll("[data-theme-form] button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === theme)));
    fetch(form.action, { method: "POST", credentials: "same-origin", headers: { "X-Fragment": "1", "X-CSRFToken": token() }, body: new URLSearchParams({ theme }) }).catch(() => {});
  }));

  // ---- toasts, waiting, being cut off ----------------------------------------------------------------------------
  const toasts = document.createElement("div");
  toasts.className = "toasts";
  toasts.setAttribute("role", "status");
  body.append(toasts);

  function toast(text, tone) {
    const one = document.createElement("p");
    one.className = `toast${tone ? ` toast--${tone}` : ""}`;
    one.textContent = text;
    toasts.append(one);
    window.setTimeout(() => one.remove(), 6000);
  }
  let bar = null, late = 0;
  function busy(on) {
    window.clearTimeout(late);
    if (!on) { if (bar) bar.remove(); bar = null; return; }
    late = window.setTimeout(() => {
      if (bar) return;
      bar = document.createElement("div");
      bar.className = "progress";
      body.append(bar);
    }, 350);
  }
  function notice(name, shown) {
    const one = document.querySelector(`[data-notice-of="${name}"]`);
    if (one) one.hidden = !shown;
  }
  // An answer that came from the log-in page means that the session is over: say so, and lose nothing that was typed.
  function expired(answer) {
    const over = answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.startsWith("/login"));
    if (over) notice("expired", true);
    return over;
  }
  window.addEventListener("offline", () => notice("offline", true));
  window.addEventListener("online", () => notice("offline", false));
  if (navigator.onLine === false) notice("offline", true);
  window.addEventListener("pageshow", () => busy(false));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
    const to = new URL(link.href, location.href);
    if (to.origin === location.origin && to.pathname + to.search !== location.pathname + location.search && !/\.(pdf|csv|xlsx|wav|mp3)$/.test(to.pathname)) busy(true);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method.toLowerCase() !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    busy(true);
    // Coming back with the browser's button must find a usable form.
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
    window.setTimeout(() => { delete form.dataset.sent; busy(false); }, 4000);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const note = event.target.closest("[data-put-away]");
    if (note) note.closest("[data-notice]").remove();
    const opens = event.target.closest("[data-open-dialog]");
    if (opens) openDialog(opens.dataset.openDialog);
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
  });

  // ---- keyboard --------------------------------------------------------------------------------------------------
  const switchKeys = document.querySelector("[data-keys-on]");
  const remembered = (() => { try { return window.localStorage.getItem("linli.keys") !== "off"; } catch (error) { return true; } })();
  if (switchKeys) {
    switchKeys.checked = remembered;
    switchKeys.addEventListener("change", () => { try { window.localStorage.setItem("linli.keys", switchKeys.checked ? "on" : "off"); } catch (error) { /* private mode */ } });
  }
  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (dialog && dialog.showModal && !dialog.open) dialog.showModal();
  }
  function toSearch() {
    const box = document.getElementById("top-search");
    if (box) { window.scrollTo(0, 0); box.focus(); box.select(); }
    return Boolean(box);
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-find]")) toSearch(); });

  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (switchKeys && !switchKeys.checked) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === "/") { if (toSearch()) event.preventDefault(); return; }
    if (event.key === "?") { openDialog("keys"); event.preventDefault(); return; }
    if (going && Date.now() - going < 1500) {
      const target = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      going = 0;
      if (target) { event.preventDefault(); busy(true); location.assign(target.dataset.href); }
      return;
    }
    going = event.key === "g" ? Date.now() : 0;
  });

  window.linli = { toast, busy, expired, token, openDialog };
})();
