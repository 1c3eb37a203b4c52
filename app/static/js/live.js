// The live part of every staff page: asks the house every few seconds whether anything has changed, shows alarms and callers,
// ticks the clocks. It never takes the focus, never closes a dialog, never touches what somebody types.
(function () {
  "use strict";
  const root = document.querySelector("[data-live-root]");
  if (!root) return;
  const words = JSON.parse(root.dataset.words);
  const EVERY = 4000, HIDDEN = 20000, SLOWEST = 30000, PATIENCE = 12000, SHOWN_AFTER = 45000;
  const find = (name) => root.querySelector(`[data-${name}]`);
  const alarms = find("alarms"), said = find("said"), lostBar = find("lost");
  const title = document.title;
  let tag = "", known = null, failures = 0, timer = 0, asking = false, ended = false, stopped = false, wantToken = false;
  let ringing = [], badge = 0, calls = null;

  // ---- what is said to people who listen -----------------------------------------------------------------------
  function tell(text, urgent) {
    const place = find(urgent ? "urgent" : "polite");
    place.textContent = "";
    window.setTimeout(() => { place.textContent = text; }, 60);
  }

  function showTitle() {
    document.title = (ringing.length ? "🔔 " : calls && calls.live() ? "☎ " : "") + (badge ? `(${badge}) ` : "") + title;
    document.querySelectorAll("[data-badge]").forEach((mark) => { mark.hidden = !badge; mark.textContent = badge > 99 ? "99+" : String(badge); });
  }

  // ---- the question --------------------------------------------------------------------------------------------
  function again(wait) {
    window.clearTimeout(timer);
    if (stopped) return;
    // Hidden pages ask nobody; with the sound on they ask seldom, because somebody relies on hearing it.
    if (document.hidden && !sound.on()) return;
    timer = window.setTimeout(ask, document.hidden ? Math.max(wait, HIDDEN) : wait);
  }

  async function ask() {
    if (asking || stopped) return;
    asking = true;
    try {
      const stop = new AbortController();
      const limit = window.setTimeout(() => stop.abort(), PATIENCE);
      const headers = tag && !wantToken ? { "If-None-Match": tag } : {};
      const answer = await fetch(root.dataset.url + (wantToken ? "?token=1" : ""), { headers, cache: "no-store", credentials: "same-origin", signal: stop.signal });
      const fresh = answer.status === 200 ? await answer.json() : null;
      window.clearTimeout(limit);
      if (answer.status === 401) { sessionEnded(); return; }
      if (answer.status === 403 || answer.redirected) { stopped = true; return; }
      if (fresh === null && answer.status !== 304) throw new Error(String(answer.status));
      connected(fresh);
      if (fresh) { tag = wantToken ? "" : answer.headers.get("ETag") || ""; wantToken = false; apply(fresh); }
    } catch (error) {
      failures += 1;
      if (failures >= 2) showLost(words.lost, "");
    } finally {
      asking = false;
      again(ended ? 2 * EVERY : Math.min(EVERY * 2 ** Math.min(failures, 4), SLOWEST));
    }
  }

  function showLost(text, link, label) {
    if (lostBar.hidden || find("lost-text").textContent !== text) {
      find("lost-text").textContent = text;
      tell(text, false);
    }
    const anchor = find("lost-link");
    anchor.hidden = !link;
    if (link) { anchor.href = link; anchor.textContent = label; anchor.target = link.startsWith("#") ? "" : "_blank"; }
    lostBar.hidden = false;
    document.dispatchEvent(new CustomEvent("linli:lost"));
  }

  function connected(fresh) {
    if (ended && fresh && String(fresh.user) === root.dataset.user) { ended = false; tell(words.again, false); lostBar.hidden = true; }
    else if (failures >= 2) { tell(words.back, false); if (!ended) lostBar.hidden = true; }
    failures = 0;
    document.dispatchEvent(new CustomEvent("linli:connected"));
  }

  function sessionEnded() {
    ended = true; wantToken = true; failures = 0;
    showLost(words.ended, root.dataset.login, words.login);
  }

  function apply(fresh) {
    if (String(fresh.user) !== root.dataset.user) {
      stopped = true;
      showLost(words.other, window.location.href, words.reload);
      find("lost-link").target = "";
      return;
    }
    if (fresh.csrf) document.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = fresh.csrf; });
    if (fresh.badge > badge && known !== null) tell(words.pressing.replace("{number}", fresh.badge), false);
    badge = fresh.badge;
    showAlarms(fresh);
    calls.show(fresh.calls);
    if (known !== null && fresh.work > known) document.dispatchEvent(new CustomEvent("linli:work"));
    known = fresh.work;
    showTitle();
  }

  // Nothing is sent into a session that has ended: it would be lost.
  document.addEventListener("submit", (event) => {
    if (!ended || event.target.method.toLowerCase() !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    find("lost-link").focus();
  }, true);

  // ---- alarms --------------------------------------------------------------------------------------------------
  function showAlarms(fresh) {
    const before = ringing, focused = alarms.contains(document.activeElement) && document.activeElement.closest("[data-alarm]");
    ringing = fresh.ringing;
    if (alarms.innerHTML.trim() || fresh.alarms) {
      alarms.innerHTML = fresh.alarms;
      if (focused) {
        const same = alarms.querySelector(`[data-alarm="${focused.dataset.alarm}"] .alarm__take`);
        if (same) same.focus({ preventScroll: true });
      }
      sound.mark();
      tick();
    }
    for (const id of ringing.filter((one) => !before.includes(one))) {
      const bar = alarms.querySelector(`[data-alarm="${id}"] .alarm__what`);
      if (bar) tell(bar.textContent.trim(), true);
    }
    for (const id of before.filter((one) => !ringing.includes(one))) {
      const taken = alarms.querySelector(`[data-taken="${id}"] p`);
      if (taken) tell(taken.textContent.trim(), true);
    }
    sound.ring(ringing.length > 0);
  }

  alarms.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-take]");
    if (!form || ended) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Live": "1" }, credentials: "same-origin" });
      const kind = answer.headers.get("Content-Type") || "";
      if (!kind.includes("json")) { wantToken = answer.status === 400; throw new Error(String(answer.status)); }
      const result = await answer.json();
      showSaid(result.message, result.yours ? "good" : "warn", result.href);
    } catch (error) {
      showSaid(words.failed, "bad", "");
      button.disabled = false;
    }
    tag = "";
    ask();
  });

  function showSaid(text, tone, href) {
    said.className = `live-said notice notice--${tone}`;
    said.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
    if (href) said.append(Object.assign(document.createElement("a"), { href, textContent: words.open, className: "btn btn-sm btn-default" }));
    said.hidden = false;
    tell(text, true);
    window.clearTimeout(showSaid.timer);
    showSaid.timer = window.setTimeout(() => { said.hidden = true; }, SHOWN_AFTER);
  }

  // ---- the sound: off until somebody turns it on, kept in this browser -----------------------------------------
  const sound = (function () {
    const KEY = "linli-alarm-sound";
    let context = null, beat = 0;
    const on = () => { try { return window.localStorage.getItem(KEY) === "1"; } catch (error) { return false; } };
    function beep() {
      if (!context || context.state !== "running") return;
      [880, 660].forEach((pitch, order) => {
        const tone = context.createOscillator(), volume = context.createGain(), start = context.currentTime + order * 0.28;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.0001, start);
        volume.gain.exponentialRampToValueAtTime(0.22, start + 0.03);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
        tone.connect(volume).connect(context.destination);
        tone.start(start);
        tone.stop(start + 0.27);
      });
    }
    function ready() {
      if (!on()) return;
      if (!context && window.AudioContext) context = new window.AudioContext();
      if (context && context.state === "suspended") context.resume();
    }
    function ring(wanted) {
      const go = wanted && on();
      if (go && !beat) { beep(); beat = window.setInterval(beep, 1800); }
      if (!go && beat) { window.clearInterval(beat); beat = 0; }
    }
    function mark() {
      document.querySelectorAll("[data-sound]").forEach((button) => {
        button.setAttribute("aria-pressed", String(on()));
        button.hidden = !window.AudioContext;
        button.title = on() ? words.sound_on : words.sound_off;
      });
    }
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-sound]");
      if (button) {
        try { window.localStorage.setItem(KEY, on() ? "0" : "1"); } catch (error) { /* a private window forgets */ }
        tell(on() ? words.sound_on : words.sound_off, false);
      }
      ready(); mark();
      if (button && on()) beep();
      ring(ringing.length > 0);
    });
    document.addEventListener("keydown", ready, { passive: true });
    return { on, ring, mark };
  })();

  // ---- callers -------------------------------------------------------------------------------------------------
  calls = (function () {
    const FOLDED = "linli-folded-calls", LINGERS = 45000;
    const stack = document.createElement("div");
    stack.className = "callers";
    stack.setAttribute("role", "region");
    stack.setAttribute("aria-label", words.calling);
    document.body.append(stack);
    const cards = new Map();
    stack.addEventListener("submit", async (event) => {
      const form = event.target.closest("[data-confirm-caller]");
      if (!form || ended) return;
      event.preventDefault();
      const button = form.querySelector("button"), id = Number(form.closest("[data-call]").dataset.call);
      button.disabled = true;
      try {
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Live": "1" }, credentials: "same-origin" });
        if (!(answer.headers.get("Content-Type") || "").includes("json")) { wantToken = answer.status === 400; throw new Error(String(answer.status)); }
        const result = await answer.json();
        if (answer.ok) tell(result.message, false); else showSaid(result.message, "warn", "");
        const slot = cards.get(id);
        if (slot) draw(id, slot.version, slot.over);
      } catch (error) {
        showSaid(words.failed, "bad", "");
        button.disabled = false;
        if (wantToken) ask();
      }
    });
    const narrow = window.matchMedia("(max-width: 640px)");
    const folded = () => { try { return JSON.parse(window.sessionStorage.getItem(FOLDED) || "[]"); } catch (error) { return []; } };

    async function draw(id, version, over) {
      const slot = cards.get(id);
      slot.version = version;
      let html;
      try {
        const answer = await fetch(`${root.dataset.url}call/${id}`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        html = await answer.text();
      } catch (error) { slot.version = ""; if (over) drop(id); return; }
      if (cards.get(id) !== slot) return;
      const first = !slot.place.firstElementChild, was = slot.place.querySelector("details");
      const inside = slot.place.contains(document.activeElement) ? document.activeElement : null;
      const mark = inside && (inside.getAttribute("href") || inside.tagName);
      slot.place.innerHTML = html;
      const card = slot.place.querySelector("details");
      card.open = first ? !narrow.matches && !folded().includes(id) : was.open;
      if (over) card.open = false;
      if (mark) {
        const same = [...card.querySelectorAll("a, summary")].find((one) => (one.getAttribute("href") || one.tagName) === mark);
        (same || card.querySelector("summary")).focus({ preventScroll: true });
      }
      card.addEventListener("toggle", () => {
        const kept = folded().filter((one) => one !== id);
        try { window.sessionStorage.setItem(FOLDED, JSON.stringify(card.open ? kept : [...kept, id].slice(-30))); } catch (error) { /* not kept */ }
      });
      tick();
      if (first) tell(card.querySelector("summary").innerText.replace(/\s+/g, " "), false);
    }

    function drop(id) {
      const slot = cards.get(id);
      if (!slot) return;
      if (slot.place.contains(document.activeElement) || slot.place.matches(":hover")) { window.setTimeout(() => drop(id), 5000); return; }
      slot.place.remove();
      cards.delete(id);
    }

    function show(list) {
      for (const call of list) {
        if (!cards.has(call.id)) {
          const place = document.createElement("div");
          stack.prepend(place);
          cards.set(call.id, { place, version: "", over: false });
        }
        const slot = cards.get(call.id);
        if (slot.version !== call.version) draw(call.id, call.version, false);
      }
      for (const [id, slot] of cards) {
        if (slot.over || list.some((call) => call.id === id)) continue;
        slot.over = true;
        draw(id, "over", true);
        window.setTimeout(() => drop(id), LINGERS);
      }
    }
    return { show, live: () => [...cards.values()].some((slot) => !slot.over) };
  })();

  // ---- clocks that tick ----------------------------------------------------------------------------------------
  const two = (number) => String(number).padStart(2, "0");
  function span(seconds) {
    if (seconds < 3600) return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    return words.hours.replace("{hours}", Math.floor(seconds / 3600)).replace("{minutes}", two(Math.floor(seconds / 60) % 60));
  }
  function tick() {
    const now = Date.now();
    document.querySelectorAll("[data-due]").forEach((mark) => {
      const rest = Math.round((Date.parse(mark.dataset.due) - now) / 1000), late = rest <= 0, length = Math.abs(rest);
      if (!(length < 36000)) return;
      const text = (late ? words.over : words.left).replace("{span}", span(length));
      if (mark.textContent !== text) mark.textContent = text;
      const tone = late ? "bad" : rest <= 3600 || "warned" in mark.dataset ? "warn" : "calm";
      if (!mark.classList.contains(`due--${tone}`)) mark.className = `due due--${tone}`;
    });
    document.querySelectorAll("[data-since]").forEach((mark) => {
      const past = Math.max(0, Math.round((now - Date.parse(mark.dataset.since)) / 1000));
      if (past < 36000) mark.textContent = span(past);
    });
  }
  window.setInterval(() => { if (!document.hidden) tick(); }, 1000);

  document.addEventListener("visibilitychange", () => { if (!document.hidden) { tick(); ask(); } });
  window.addEventListener("online", ask);
  window.addEventListener("focus", () => { if (ended) ask(); });
  sound.mark();
  tick();
  ask();
})();
