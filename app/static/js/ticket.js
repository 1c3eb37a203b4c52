// The ticket page: clocks that tick, steps by key, photos in a lightbox, more of the timeline, and a word when somebody else
// has moved the ticket on. Everything here also works, plainer, without it.
(function () {
  "use strict";
  const page = document.querySelector("[data-ticket]");
  const english = document.documentElement.lang === "en";

  // ---- inside the dialogs of the steps ---------------------------------------------------------------------------
  function prepare(root) {
    if (window.LinliPhotos) window.LinliPhotos(root);
    root.querySelectorAll("[data-phrases]").forEach((group) => {
      const field = root.querySelector(`#${CSS.escape(group.dataset.phrases)}`);
      if (!field) return;
      group.hidden = false;
      group.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const gap = field.value && !/[\s。；]$/.test(field.value) ? (english ? " " : "") : "";
        field.value = field.tagName === "TEXTAREA" ? field.value + gap + button.textContent : button.textContent;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.focus();
      });
    });
    root.querySelectorAll("[data-preview]").forEach((preview) => {
      const note = root.querySelector("[name=note]");
      const draw = () => {
        const words = note ? note.value.replace(/\s+/g, " ").trim().slice(0, 120) : "";
        preview.textContent = preview.dataset.preview.replace(preview.dataset.mark, words.replace(/[。.]+$/, "") || "…");
      };
      if (note) note.addEventListener("input", draw);
      draw();
    });
    root.querySelectorAll("[data-pick-find]").forEach((box) => {
      box.hidden = false;
      box.addEventListener("input", () => {
        const words = box.value.trim().toLowerCase();
        box.closest(".pick").querySelectorAll(".pick__one").forEach((one) => {
          one.hidden = Boolean(words) && !one.textContent.toLowerCase().includes(words) && !one.querySelector(":checked");
        });
      });
    });
    root.querySelectorAll("form[data-step]").forEach((form) => form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
    }));
  }
  // The page stays: the bar that says "loading" need not.
  const still = () => { if (window.linli) window.linli.busy(false); };
  document.addEventListener("sheet:filled", (event) => { prepare(event.detail); still(); });
  prepare(document);
  if (!page) return;

  // ---- steps by key: 1 is the loud one ----------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const off = document.querySelector("[data-keys-on]");
    if (off && !off.checked) return;
    if (event.target.closest("input, textarea, select, audio, [contenteditable], dialog[open]") || document.querySelector("dialog[open]")) return;
    if (event.key === "n") {
      const note = page.querySelector("[data-note]");
      if (note) { event.preventDefault(); note.focus(); }
      return;
    }
    const step = /^[1-9]$/.test(event.key) ? page.querySelector(`[data-step-key="${event.key}"]`) : null;
    if (step) { event.preventDefault(); step.click(); }
  });

  // ---- has somebody else moved it on? -----------------------------------------------------------------------------
  const moved = page.querySelector("[data-moved]");
  async function pulse() {
    if (document.hidden || !moved.hidden) return;
    try {
      const answer = await fetch(`/ticket/${page.dataset.ticket}/pulse`, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected) return;
      if (String((await answer.json()).revision) !== page.dataset.revision) moved.hidden = false;
    } catch (error) { /* the next one tells */ }
  }
  window.setInterval(pulse, 20000);
  document.addEventListener("visibilitychange", pulse);

  // ---- the note grows with its words ------------------------------------------------------------------------------
  const note = page.querySelector("[data-note]");
  if (note) {
    const grow = () => { note.rows = Math.min(8, Math.max(note === document.activeElement || note.value ? 2 : 1, note.value.split("\n").length)); };
    ["input", "focus", "blur"].forEach((name) => note.addEventListener(name, grow));
    note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); note.form.requestSubmit(); }
    });
    grow();
  }

  // ---- copy the link ----------------------------------------------------------------------------------------------
  const copy = page.querySelector("[data-copy]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(new URL(copy.dataset.copy, location.href).href);
        const said = document.createElement("span");
        said.className = "ticket__copied";
        said.setAttribute("role", "status");
        said.textContent = copy.dataset.copied;
        copy.before(said);
        window.setTimeout(() => said.remove(), 2500);
      } catch (error) { copy.hidden = true; }
    });
  }

  // ---- earlier lines, added beneath -------------------------------------------------------------------------------
  document.addEventListener("click", async (event) => {
    const more = event.target.closest("[data-more]");
    if (!more || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(more.href, { credentials: "same-origin", headers: { "X-Fragment": "1" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const part = document.createElement("div");
      part.innerHTML = await answer.text();
      const lines = part.firstElementChild, first = lines.querySelector("li");
      more.closest("p").remove();
      const list = page.querySelector("[data-timeline]");
      [...lines.children].forEach((child) => {
        const same = [...list.querySelectorAll(".timeline__day")].pop();
        if (child.matches(".timeline__day") && same && same.textContent === child.textContent) return;
        list.append(child);
      });
      still();
      if (first) { first.tabIndex = -1; first.focus({ preventScroll: true }); }
    } catch (error) { window.location.assign(more.href); }
  });

  // ---- photos in a lightbox ---------------------------------------------------------------------------------------
  let box = null, shown = [], place = 0;
  function button(sign, label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "lightbox__button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  }
  function show(index) {
    place = (index + shown.length) % shown.length;
    const link = shown[place], image = box.querySelector("img");
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    box.querySelector("p").textContent = `${place + 1} / ${shown.length} · ${link.dataset.photo}`;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-photo]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !window.HTMLDialogElement) return;
    event.preventDefault();
    shown = [...document.querySelectorAll("a[data-photo]")];
    box = document.createElement("dialog");
    box.className = "lightbox";
    box.setAttribute("aria-label", english ? "Photo" : "照片");
    const caption = document.createElement("p");
    caption.setAttribute("aria-live", "polite");
    const row = document.createElement("div");
    row.className = "lightbox__row";
    const shut = button("✕", english ? "Close" : "关闭", () => box.close());
    if (shown.length > 1) row.append(button("‹", english ? "Previous" : "上一张", () => show(place - 1)), caption, button("›", english ? "Next" : "下一张", () => show(place + 1)), shut);
    else row.append(caption, shut);
    box.append(document.createElement("img"), row);
    box.addEventListener("keydown", (key) => {
      if (key.key === "ArrowRight") show(place + 1);
      if (key.key === "ArrowLeft") show(place - 1);
    });
    box.addEventListener("click", (click) => { if (click.target === box) box.close(); });
    box.addEventListener("close", () => { box.remove(); link.focus(); });
    document.body.append(box);
    show(shown.indexOf(link));
    still();
    box.showModal();
    shut.focus();
  });
})();
