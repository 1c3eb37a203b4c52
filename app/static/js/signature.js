// A signature drawn with a finger, a pen or the mouse; sent as a picture in a hidden field. Without scripts the field is not
// shown and a photo of the signed sheet is taken instead.
(function () {
  "use strict";
  const LINE = 4;

  function begin(box) {
    const canvas = box.querySelector("canvas"), kept = box.querySelector("input"), pen = canvas.getContext("2d");
    if (!pen) return;
    let drawing = null, inked = false;

    function wipe() {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      inked = false;
      kept.value = "";
    }
    function place(event) {
      const edge = canvas.getBoundingClientRect();
      return [(event.clientX - edge.left) * canvas.width / edge.width, (event.clientY - edge.top) * canvas.height / edge.height];
    }
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      drawing = place(event);
      pen.lineWidth = LINE;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#111";
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      const next = place(event);
      pen.beginPath();
      pen.moveTo(...drawing);
      pen.lineTo(...next);
      pen.stroke();
      drawing = next;
      inked = true;
    });
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, () => {
      drawing = null;
      kept.value = inked ? canvas.toDataURL("image/png") : "";
    }));
    box.querySelector("[data-signature-clear]").addEventListener("click", wipe);
    wipe();
    box.hidden = false;
  }

  document.querySelectorAll("[data-signature]").forEach(begin);
})();
