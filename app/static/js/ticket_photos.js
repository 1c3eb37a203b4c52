// Photos in a form: preview, drag and drop, smaller before they are sent, take one out again, and how far the sending is.
// Without it the plain file field works; the server checks everything anew. Call LinliPhotos(root) for forms that come later.
(function () {
  "use strict";
  const LONGEST = 2000, SMALL_ENOUGH = 1200000;
  const PICTURES = ["image/jpeg", "image/png", "image/webp"];

  async function smaller(file) {
    if (!PICTURES.includes(file.type) || file.size < SMALL_ENOUGH || !window.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch (error) { return file; }
  }

  // A small picture as a data address: the content policy knows no blob.
  async function preview(file) {
    if (!PICTURES.includes(file.type) || !window.createImageBitmap) return "";
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image", resizeWidth: 240, resizeQuality: "medium" });
      const canvas = document.createElement("canvas");
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      return canvas.toDataURL("image/jpeg", 0.7);
    } catch (error) { return ""; }
  }

  function enhance(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector(".photos__list");
    const say = box.querySelector(".photos__say");
    const bar = box.querySelector("progress");
    const form = input.form;
    const allowed = input.accept.split(",");
    let chosen = [], working = Promise.resolve();

    function keep() {
      const all = new DataTransfer();
      chosen.forEach((item) => all.items.add(item.file));
      input.files = all.files;
    }

    function draw() {
      list.replaceChildren();
      list.hidden = !chosen.length;
      chosen.forEach((item, index) => {
        const row = document.createElement("li");
        row.className = "photos__item";
        if (item.address) {
          const image = document.createElement("img");
          image.src = item.address;
          image.alt = item.file.name;
          row.append(image);
        } else {
          const name = document.createElement("span");
          name.className = "photos__name";
          name.textContent = item.file.name;
          row.append(name);
        }
        const out = document.createElement("button");
        out.type = "button";
        out.className = "photos__out";
        out.textContent = "✕";
        out.setAttribute("aria-label", `${box.dataset.remove}: ${item.file.name}`);
        out.addEventListener("click", () => {
          chosen.splice(index, 1);
          keep();
          draw();
          tell("");
          (list.querySelectorAll(".photos__out")[Math.min(index, chosen.length - 1)] || input).focus();
        });
        row.append(out);
        list.append(row);
      });
    }

    function tell(trouble) {
      say.textContent = trouble || (chosen.length ? `${box.dataset.count}: ${chosen.length}` : "");
      say.classList.toggle("photos__say--bad", Boolean(trouble));
      say.setAttribute("role", trouble ? "alert" : "status");
    }

    async function add(files) {
      let trouble = "";
      for (const given of files) {
        if (given.type && !allowed.includes(given.type)) { trouble = `${given.name}: ${box.dataset.wrong}`; continue; }
        if (chosen.length >= Number(box.dataset.most)) { trouble = box.dataset.tooMany; break; }
        const file = await smaller(given);
        if (file.size > Number(box.dataset.bytes)) { trouble = `${given.name}: ${box.dataset.tooBig}`; continue; }
        chosen.push({ file, address: await preview(file) });
      }
      keep();
      draw();
      tell(trouble);
    }

    input.addEventListener("change", () => {
      const files = [...input.files];
      // Choosing again adds; the field would forget what was chosen before.
      working = working.then(() => add(files));
    });
    ["dragover", "dragenter"].forEach((name) => box.addEventListener(name, (event) => {
      event.preventDefault();
      box.classList.add("photos--over");
    }));
    ["dragleave", "drop"].forEach((name) => box.addEventListener(name, () => box.classList.remove("photos--over")));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      working = working.then(() => add(files));
    });
    form.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData || { files: [] }).files];
      if (files.length) { event.preventDefault(); working = working.then(() => add(files)); }
    });
    form.addEventListener("submit", (event) => {
      if (!chosen.length || event.defaultPrevented) return;
      bar.hidden = false;
      say.textContent = box.dataset.sending;
      if (form.hasAttribute("data-progress")) { event.preventDefault(); working.then(() => send(form, bar, tell)); } else bar.removeAttribute("value");
    });
  }

  // The form answers {location} to a script, or its own inside once more with the refusal.
  function send(form, bar, tell) {
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Fragment", "1");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    // The form stays as it is and can be sent again: sending it as a page would lose it with the line.
    const stay = (words) => { button.disabled = false; bar.hidden = true; tell(words || document.body.dataset.unsent); };
    request.addEventListener("error", () => stay(""));
    request.addEventListener("load", () => {
      const kind = request.getResponseHeader("Content-Type") || "";
      if (request.status === 200 && kind.includes("json")) { window.location.assign(JSON.parse(request.responseText).location); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const trouble = page.querySelector("[role=alert]");
      stay(trouble && request.status < 500 ? trouble.textContent.trim() : "");
    });
    request.send(new FormData(form));
  }

  window.LinliPhotos = (root) => root.querySelectorAll("[data-photos]").forEach(enhance);
  window.LinliPhotos(document);
})();
