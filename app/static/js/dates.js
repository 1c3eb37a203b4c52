// Day, time and day-with-time fields: typed in common forms (11/22, 明天 18:00, tomorrow 6pm) or picked from a calendar.
// Every native field of these types is taken over; on a telephone its own picker stays. What is sent is always ISO, or what
// was typed where it makes no sense, so that the server can say so.
(function () {
  "use strict";
  if (window.linliDates) return;
  const SHAPES = { date: "Y-m-d", time: "H:i", "datetime-local": "Y-m-d H:i" };
  const script = document.currentScript;
  const nonce = script.nonce;
  const home = script.dataset.vendor;
  const words = document.getElementById("form-words");
  const said = (name, fallback) => (words && words.dataset[name]) || fallback;
  const chinese = document.documentElement.lang !== "en";
  const HINTS = { date: said("hintDay", "yyyy-mm-dd"), time: said("hintTime", "hh:mm"), "datetime-local": said("hintMoment", "yyyy-mm-dd hh:mm") };
  const two = (number) => String(number).padStart(2, "0");
  let loading = null;

  // -- reading what was typed: the same forms as app/rules/typed_time.py ----------------------------------------------
  const DAYS = { 前天: -2, 昨天: -1, 昨日: -1, 今天: 0, 今日: 0, 明天: 1, 明日: 1, 后天: 2, 大后天: 3, yesterday: -1, today: 0, tomorrow: 1 };

  function day(text) {
    const now = new Date();
    if (text in DAYS) return new Date(now.getFullYear(), now.getMonth(), now.getDate() + DAYS[text]);
    let found = /^(?:(\d{4})[-/.年]\s*)?(\d{1,2})[-/.月]\s*(\d{1,2})[日号]?$/.exec(text);
    if (!found) { found = /^(\d{4})(\d{2})(\d{2})$/.exec(text); }
    if (!found) { const only = /^(\d{1,2})[日号]$/.exec(text); if (only) found = [only[0], "", String(now.getMonth() + 1), only[1]]; }
    if (!found) return null;
    const year = found[1] ? Number(found[1]) : now.getFullYear();
    const made = new Date(year, Number(found[2]) - 1, Number(found[3]));
    return year >= 1900 && year <= 2200 && made.getMonth() === Number(found[2]) - 1 && made.getDate() === Number(found[3]) ? made : null;
  }
  function clock(text) {
    const found = /^(上午|早上|中午|下午|晚上|am|pm)?\s*(\d{1,2})(?:([:：点时])\s*(\d{1,2})?分?(?::\d{2})?)?\s*(am|pm)?$/.exec(text);
    if (!found) return null;
    const half = found[1] || found[5] || "";
    if (!half && !found[3]) return null;
    let hour = Number(found[2]);
    const minute = Number(found[4] || 0);
    if (["下午", "晚上", "pm"].includes(half) && hour < 12) hour += 12;
    else if ((half === "中午" && hour < 3) || (half === "am" && hour === 12)) hour = (hour + 12) % 24;
    return hour < 24 && minute < 60 ? [hour, minute] : null;
  }
  function read(text, kind) {
    const plain = text.trim().toLowerCase().replace(/^(\d{4}-\d\d-\d\d)t/, "$1 ").replace(/\s+/g, " ");
    if (!plain) return null;
    const at = (when, time) => new Date(when.getFullYear(), when.getMonth(), when.getDate(), time[0], time[1]);
    const time = clock(plain);
    if (kind === "time") return time ? at(new Date(), time) : null;
    if (kind === "datetime-local" && time) return at(new Date(), time);
    const whole = day(plain);
    if (whole) return whole;
    for (let cut = plain.length - 1; cut > 0; cut -= 1) {
      const date = day(plain.slice(0, cut).trim());
      const hour = clock(plain.slice(cut).trim());
      if (date && hour) return kind === "date" ? date : at(date, hour);
    }
    return null;
  }
  function write(date, kind, glue) {
    const days = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const hours = `${two(date.getHours())}:${two(date.getMinutes())}`;
    return kind === "date" ? days : kind === "time" ? hours : days + glue + hours;
  }

  // -- the calendar, fetched when it is first wanted -----------------------------------------------------------------
  function fetchScript(path) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = home + path;
      element.nonce = nonce;
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    });
  }
  function load() {
    if (!loading) {
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet";
      sheet.href = `${home}flatpickr.min.css`;
      document.head.prepend(sheet);
      loading = fetchScript("flatpickr.min.js").then(() => (chinese ? fetchScript("l10n/zh.js") : null));
    }
    return loading;
  }
  function foot(picker, box, kind) {
    const row = document.createElement("div");
    row.className = "when__foot";
    const add = (text, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-link btn-sm";
      button.textContent = text;
      button.addEventListener("click", act);
      row.append(button);
    };
    add(kind === "date" ? said("today", "Today") : said("now", "Now"), () => {
      const now = new Date();
      now.setMinutes(Math.ceil(now.getMinutes() / 5) * 5, 0, 0);
      picker.setDate(now, true);
    });
    add(said("clear", "Clear"), () => { picker.clear(); });
    add(said("done", "Done"), () => { picker.close(); box.focus(); });
    picker.calendarContainer.append(row);
  }
  async function calendar(box, kind) {
    if (box._flatpickr) return box._flatpickr;
    await load();
    const base = chinese ? window.flatpickr.l10ns.zh : window.flatpickr.l10ns.default;
    return window.flatpickr(box, {
      allowInput: true,
      clickOpens: false,
      dateFormat: SHAPES[kind],
      enableTime: kind !== "date",
      noCalendar: kind === "time",
      time_24hr: true,
      minuteIncrement: 5,
      disableMobile: true,
      static: Boolean(box.closest("dialog")),
      locale: {
        ...base,
        firstDayOfWeek: 1,
        hourAriaLabel: said("hour", "Hour"), minuteAriaLabel: said("minute", "Minute"),
        yearAriaLabel: said("year", "Year"), monthAriaLabel: said("month", "Month"),
      },
      prevArrow: "‹", nextArrow: "›",
      parseDate: (text) => read(text, kind) || undefined,
      errorHandler: () => {},
      onReady: (dates, text, picker) => {
        picker.calendarContainer.setAttribute("role", "dialog");
        picker.calendarContainer.setAttribute("aria-label", said("calendar", "Calendar"));
        foot(picker, box, kind);
      },
      onChange: () => box.dispatchEvent(new Event("input", { bubbles: true })),
    });
  }

  function take(box) {
    const kind = box.type;
    if (!(kind in SHAPES) || box.dataset.ready || "native" in box.dataset) return;
    box.dataset.ready = "1";
    if (window.matchMedia("(pointer: coarse)").matches) { if (kind !== "date") box.step = box.step || "300"; return; }
    const typed = box.getAttribute("value") || "";
    box.dataset.when = kind;
    box.type = "text";
    box.autocomplete = "off";
    box.placeholder = box.placeholder || HINTS[kind];
    box.classList.add("when__box");
    const known = read(typed, kind);
    box.value = known ? write(known, kind, " ") : typed;
    const holder = document.createElement("div");
    holder.className = "when";
    const focused = document.activeElement === box;
    box.before(holder);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "when__open";
    button.tabIndex = -1;
    button.setAttribute("aria-label", kind === "time" ? said("time", "Choose a time") : said("calendar", "Calendar"));
    holder.append(box, button);
    if (focused) box.focus();
    const open = async () => {
      const picker = await calendar(box, kind);
      const now = read(box.value, kind);
      if (now) picker.setDate(now, false); else if (!box.value) picker.clear(false);
      picker.open();
    };
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => { if (box._flatpickr && box._flatpickr.isOpen) box._flatpickr.close(); else { box.focus(); open(); } });
    box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); open(); }
      if (event.key === "Escape" && box._flatpickr && box._flatpickr.isOpen) { event.preventDefault(); event.stopPropagation(); box._flatpickr.close(); }
    });
    box.addEventListener("change", () => {
      const meant = read(box.value, kind);
      if (meant) box.value = write(meant, kind, " ");
      box.toggleAttribute("aria-invalid", Boolean(box.value.trim()) && !meant);
      if (box.hasAttribute("aria-invalid")) box.setAttribute("aria-invalid", "true");
    });
  }

  function enhance(root) {
    root.querySelectorAll("input[type=date], input[type=time], input[type=datetime-local]").forEach(take);
  }
  // Escape shuts the calendar first, and not the dialog around it.
  const open = () => Array.from(document.querySelectorAll("[data-when]")).find((box) => box._flatpickr && box._flatpickr.isOpen);
  const shut = (event) => {
    const box = open();
    if (!box) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box._flatpickr.close();
    box.focus();
  };
  window.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(event); }, true);
  document.addEventListener("cancel", shut, true);
  document.addEventListener("formdata", (event) => {
    event.target.querySelectorAll("[data-when]").forEach((box) => {
      const meant = box.name && read(box.value, box.dataset.when);
      if (meant && event.formData.has(box.name)) event.formData.set(box.name, write(meant, box.dataset.when, "T"));
    });
  });
  window.linliDates = { enhance, read };
  enhance(document);
  new MutationObserver((changes) => {
    changes.forEach((change) => change.addedNodes.forEach((node) => { if (node.nodeType === 1 && node.parentElement) enhance(node.parentElement); }));
  }).observe(document.body, { childList: true, subtree: true });
})();
