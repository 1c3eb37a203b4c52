// The telephone page: asks the server every moment what is new, shows it, and sends what is keyed and said.
(function () {
  "use strict";
  const root = document.getElementById("phone");
  if (!root) return;
  const texts = JSON.parse(root.dataset.texts);
  const base = root.dataset.base;
  const icons = document.querySelector(".empty__icon use").getAttribute("href").split("#")[0];
  const at = (id) => document.getElementById(id);
  const QUICK = 450;
  const CALM = 1500;
  const VOICES = { "cmn-CN": "zh-CN", "cmn-Hans-CN": "zh-CN", "zh-CN": "zh-CN", "en-US": "en-US", "en-GB": "en-GB" };
  const line = { sid: sessionStorage.getItem("linli-call") || "", after: 0, live: false, listens: false };
  let failures = 0;
  let timer = 0;
  let staffCount = 0;

  async function send(path, data) {
    const answer = await fetch(base + path, {
      method: "POST", credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": root.dataset.token },
      body: JSON.stringify(data),
    });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.message || texts.lost);
    return body;
  }

  function trouble(message) {
    at("trouble").textContent = message || "";
    at("trouble").hidden = !message;
  }

  async function act(sid, what, value) {
    try {
      await send("/act", { sid: sid, what: what, value: value || "" });
      trouble("");
    } catch (error) { trouble(error.message); }
    again(60);
  }

  // ---- what is shown
  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", icons + "#" + name);
    svg.append(use);
    return svg;
  }

  const MIDDLE = {
    beep: ["middle", texts.beep], queue: ["middle", texts.queue], connect: ["middle good", texts.connect], deaf: ["middle bad", texts.deaf],
    end: ["middle", texts.end], dial: ["middle", texts.dial], error: ["middle bad", texts.error], play: ["middle", "♪"],
  };

  function bubble(event) {
    if (event.kind === "say") return element("li", "say-line", event.text);
    if (event.kind === "heard") return element("li", "other", event.text);
    if (event.kind === "words") return element("li", "mine", event.text);
    if (event.kind === "keys") return element("li", "mine keys", event.text);
    if (event.kind === "silence") return element("li", "mine faint", texts.silence);
    if (event.kind === "answer") return element("li", "middle", event.text === "machine" ? texts.machine : texts.answered);
    if (event.kind === "recording") return element("li", "middle", event.text === "paused" ? texts.recordingPaused : texts.recordingOn);
    const found = MIDDLE[event.kind];
    return found ? element("li", found[0], found[1]) : null;
  }

  function append(list, events, after, scroller) {
    let last = after;
    for (const event of events) {
      if (event.id <= after) continue;
      last = event.id;
      const made = bubble(event);
      if (made) list.append(made);
    }
    if (last !== after) scroller.scrollTop = scroller.scrollHeight;
    return last;
  }

  function speak(events) {
    if (!at("speak").checked || !window.speechSynthesis) return;
    for (const event of events) {
      if (event.kind !== "say" && event.kind !== "heard") continue;
      const words = new SpeechSynthesisUtterance(event.text);
      words.lang = VOICES[event.lang] || document.documentElement.lang;
      window.speechSynthesis.speak(words);
    }
  }

  function hush() { if (window.speechSynthesis) window.speechSynthesis.cancel(); }

  function setState(text, lamp) {
    if (at("state").textContent !== text) at("state").textContent = text;
    at("lamp").className = "handset__lamp" + (lamp ? " " + lamp : "");
  }

  function showLine(state) {
    if (!state) { if (line.sid) forget(); return; }
    at("talk-empty").hidden = true;
    const fresh = state.events.filter((event) => event.id > line.after);
    line.after = append(at("lines"), state.events, line.after, at("talk"));
    if (!state.ended) speak(fresh);
    line.live = !state.ended;
    line.listens = state.listens;
    controls();
    if (state.ended) {
      setState(texts.over, "");
      at("clock").textContent = "";
      sessionStorage.removeItem("linli-call");
      return;
    }
    const seconds = state.seconds;
    at("clock").textContent = String(Math.floor(seconds / 60)).padStart(2, "0") + ":" + String(seconds % 60).padStart(2, "0");
    if (state.waiting === "bridged") setState(texts.connected, "on");
    else if (state.waiting === "loop" || state.waiting === "queue") setState(texts.waiting, "wait");
    else setState(state.status === "ringing" ? texts.calling : texts.talking, state.status === "ringing" ? "wait" : "on");
  }

  function controls() {
    const words = at("words");
    const hadFocus = document.activeElement === words;
    words.disabled = !line.live || !line.listens;
    at("say").disabled = words.disabled;
    words.placeholder = line.live && !line.listens ? texts.keysOnly : texts.sayHere;
    if (hadFocus && words.disabled) at("talk").focus({ preventScroll: true });
    at("silent").disabled = !line.live;
    document.querySelectorAll("[data-key]").forEach((key) => { key.disabled = !line.live; });
    at("call").hidden = line.live;
    at("hang").hidden = !line.live;
    at("caller").disabled = at("called").disabled = at("own").disabled = line.live;
  }

  function forget() {
    line.sid = "";
    line.live = false;
    sessionStorage.removeItem("linli-call");
    setState(texts.idle, "");
    controls();
  }

  // ---- the staff's telephones: one card a call, changed in place so that nobody loses what they are typing
  const cards = new Map();

  function makeCard(leg) {
    const card = element("li", "ringer");
    const head = element("div", "ringer__head");
    const who = element("div", "ringer__who");
    who.append(element("strong", "", leg.name || texts.unknown), element("span", "", leg.number));
    const state = element("span", "ringer__state");
    head.append(icon("phone"), who, state);
    const lines = element("ol", "talk__lines");
    const ringing = element("div", "btn-row");
    ringing.append(
      button(texts.answer, "btn btn-primary", () => act(leg.sid, "answer")),
      button(texts.decline, "btn", () => act(leg.sid, "decline")),
      button(texts.voicemail, "btn", () => act(leg.sid, "machine")));
    const talking = element("div", "btn-row");
    for (const key of ["1", "2"]) talking.append(button(texts.key.replace("{key}", key), "btn", () => act(leg.sid, "keys", key)));
    talking.append(button(texts.hangUp, "btn btn-danger", () => act(leg.sid, "hang_up")));
    const form = element("form", "say");
    const field = element("input", "input");
    field.maxLength = 500;
    field.placeholder = texts.sayHere;
    field.setAttribute("aria-label", texts.sayHere + " " + leg.number);
    form.append(field, element("button", "btn", texts.say));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (!field.value.trim()) return;
      act(leg.sid, "words", field.value.trim());
      field.value = "";
    });
    card.append(head, lines, ringing, talking, form);
    at("staff").prepend(card);
    return { card: card, state: state, lines: lines, ringing: ringing, talking: talking, form: form, after: 0 };
  }

  function button(text, className, run) {
    const made = element("button", className, text);
    made.type = "button";
    made.addEventListener("click", run);
    return made;
  }

  function showStaff(legs) {
    const present = new Set();
    for (const leg of legs) {
      present.add(leg.sid);
      if (!cards.has(leg.sid)) cards.set(leg.sid, makeCard(leg));
      const card = cards.get(leg.sid);
      const rings = !leg.ended && (leg.status === "ringing" || leg.status === "queued");
      card.card.className = "ringer " + (leg.ended ? "ringer--over" : rings ? "ringer--ringing" : "ringer--talking");
      const words = leg.ended ? texts.ended : rings ? texts.ringing : texts.speaking;
      if (card.state.textContent !== words) card.state.textContent = words;
      card.ringing.hidden = !rings;
      card.talking.hidden = rings || leg.ended;
      card.form.hidden = rings || leg.ended || leg.waiting !== "bridged";
      card.after = append(card.lines, leg.events, card.after, card.lines);
    }
    for (const [sid, card] of cards) {
      if (!present.has(sid)) { card.card.remove(); cards.delete(sid); }
    }
    staffCount = legs.filter((leg) => !leg.ended).length;
    at("staff-empty").hidden = cards.size > 0;
    document.title = document.title.replace(/^\(\d+\) /, "");
    const ringing = legs.filter((leg) => leg.status === "ringing").length;
    at("ring-hint").hidden = !ringing;
    if (ringing) document.title = "(" + ringing + ") " + document.title;
  }

  // ---- text messages
  const shown = new Map();

  function showTexts(messages) {
    for (const sms of [...messages].reverse()) {
      const known = shown.get(sms.sid);
      if (known && known.status === sms.status) continue;
      if (known) { known.status = sms.status; continue; }
      const item = element("li", sms.incoming ? "incoming" : "");
      const head = element("div", "texts__head");
      const from = sms.from === at("caller").querySelector("option[value='+266696687']").value ? texts.withheld : sms.from;
      head.append(element("span", "", from + " " + texts.to + " " + (sms.name ? sms.name + " " : "") + sms.to), element("time", "", sms.at));
      item.append(head, element("p", "", sms.body + (sms.status === "failed" ? " (" + texts.failed + ")" : "")));
      at("texts").prepend(item);
      shown.set(sms.sid, { status: sms.status });
    }
    at("sms-empty").hidden = shown.size > 0;
  }

  // ---- the clockwork
  async function poll() {
    const asked = line.sid;
    try {
      const answer = await fetch(base + "/state?sid=" + encodeURIComponent(asked) + "&after=" + line.after, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      // An answer about the call before must not end the one just dialled.
      if (asked === line.sid) showLine(state.line);
      showStaff(state.staff);
      showTexts(state.sms);
      if (failures) trouble("");
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 3) trouble(texts.lost);
    }
    again(line.live || staffCount ? QUICK : CALM);
  }

  let running = false;
  function again(after) {
    window.clearTimeout(timer);
    timer = window.setTimeout(async () => {
      if (running) { again(80); return; }
      running = true;
      try { await poll(); } finally { running = false; }
    }, document.hidden ? Math.max(after, CALM) : after);
  }

  function caller() { return at("caller").value || at("own").value.trim(); }

  at("caller").addEventListener("change", () => {
    at("own-field").hidden = at("caller").value !== "";
    if (!at("own-field").hidden) at("own").focus();
  });

  at("call").addEventListener("click", async () => {
    if (!at("numbers").reportValidity()) return;
    try {
      trouble("");
      const made = await send("/dial", { from: caller(), to: at("called").value });
      at("lines").replaceChildren();
      Object.assign(line, { sid: made.sid, after: 0, live: true, listens: false });
      sessionStorage.setItem("linli-call", made.sid);
      at("talk-empty").hidden = true;
      setState(texts.calling, "wait");
      controls();
      at("talk").focus({ preventScroll: true });
    } catch (error) { trouble(error.message); }
    again(60);
  });

  at("hang").addEventListener("click", () => { hush(); act(line.sid, "hang_up"); at("call").focus(); });
  at("silent").addEventListener("click", () => { hush(); act(line.sid, "silence"); });
  at("numbers").addEventListener("submit", (event) => { event.preventDefault(); at("call").click(); });

  function press(key) {
    hush();
    const found = document.querySelector("[data-key='" + CSS.escape(key) + "']");
    if (found) {
      found.classList.add("pressed");
      window.setTimeout(() => found.classList.remove("pressed"), 140);
    }
    act(line.sid, "keys", key);
  }
  document.querySelectorAll("[data-key]").forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));
  document.addEventListener("keydown", (event) => {
    if (!line.live || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
    if (event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    press(event.key);
  });

  at("say-form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const words = at("words").value.trim();
    if (!words || !line.live) return;
    hush();
    at("words").value = "";
    act(line.sid, "words", words);
  });

  at("sms-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const body = at("sms-body").value.trim();
    const picture = at("sms-picture").checked ? "1" : "";
    if (!body && !picture) return;
    try {
      await send("/sms", { from: caller(), to: at("called").value, body: body, picture: picture });
      at("sms-body").value = "";
      at("sms-picture").checked = false;
      trouble("");
    } catch (error) { trouble(error.message); }
    again(60);
  });

  at("speak").checked = localStorage.getItem("linli-speak") === "1";
  at("speak").closest("label").hidden = !window.speechSynthesis;
  at("speak").addEventListener("change", () => {
    localStorage.setItem("linli-speak", at("speak").checked ? "1" : "0");
    if (!at("speak").checked) hush();
  });
  at("caller").dispatchEvent(new Event("change"));
  controls();
  again(0);
})();
