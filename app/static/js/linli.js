// What every page shares: the navigation drawer on a phone, menus that close, forms that are sent once.
(function () {
  "use strict";
  const body = document.body;
  const toggle = document.querySelector("[data-toggle-nav]");

  function setNav(open) {
    body.classList.toggle("nav-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  }
  if (toggle) {
    toggle.addEventListener("click", () => setNav(!body.classList.contains("nav-open")));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") setNav(false); });
    document.addEventListener("click", (event) => {
      if (body.classList.contains("nav-open") && !event.target.closest("#nav, [data-toggle-nav]")) setNav(false);
    });
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // "/" jumps to the search box, as people at a desk expect.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = document.getElementById("top-search");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method.toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    // Coming back with the browser's button must find a usable form.
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
    window.setTimeout(() => { delete form.dataset.sent; }, 4000);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-print]");
    if (button) window.print();
  });
})();
