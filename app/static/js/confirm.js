// Says what will happen before it happens, in a dialog of ours. Asked for by:
//   a hidden field in the form:  <input type="hidden" name="confirm" value="sentence" data-confirm-button="Publish" data-confirm-danger>
//                                (the macro parts.confirm(); without scripts the server asks on a page of its own)
//   or data-confirm="sentence" on a form, on one of its buttons, or on a link; data-confirm-title, -button, -danger beside it.
(function () {
  "use strict";
  const words = document.getElementById("form-words");
  const said = (name, fallback) => (words && words.dataset[name]) || fallback;

  function asked(form, submitter) {
    if (submitter && submitter.dataset.confirm) return submitter;
    if (form.dataset.confirm) return form;
    const field = form.querySelector("input[type=hidden][name=confirm]");
    return field && !field.disabled && field.value ? field : null;
  }

  function ask(source, label, then) {
    const text = source.dataset.confirm || source.value;
    const danger = "confirmDanger" in source.dataset;
    const dialog = document.createElement("dialog");
    dialog.className = "sheet confirm";
    dialog.setAttribute("role", "alertdialog");
    dialog.setAttribute("aria-labelledby", "confirm-title");
    dialog.setAttribute("aria-describedby", "confirm-text");
    const title = document.createElement("h2");
    title.id = "confirm-title";
    title.textContent = source.dataset.confirmTitle || said("sure", "Please confirm");
    const body = document.createElement("p");
    body.id = "confirm-text";
    body.className = "confirm__text";
    body.textContent = text;
    const row = document.createElement("div");
    row.className = "btn-row confirm__row";
    const no = document.createElement("button");
    no.type = "button";
    no.className = "btn btn-default";
    no.textContent = said("back", "Back");
    const yes = document.createElement("button");
    yes.type = "button";
    yes.className = danger ? "btn btn-danger-solid" : "btn btn-primary";
    yes.textContent = source.dataset.confirmButton || label || said("yes", "Yes");
    row.append(no, yes);
    dialog.append(title, body, row);
    const before = document.activeElement;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { dialog.returnValue = "yes"; dialog.close("yes"); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => {
      const go = dialog.returnValue === "yes";
      dialog.remove();
      if (go) then(); else if (before && before.focus) before.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    (danger ? no : yes).focus();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirmed) { delete form.dataset.confirmed; return; }
    const source = asked(form, event.submitter);
    if (!source || !window.HTMLDialogElement) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const label = event.submitter ? event.submitter.textContent.trim() : "";
    ask(source, label, () => {
      if (source.name === "confirm") source.disabled = true;
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter && event.submitter.form === form ? event.submitter : undefined);
      delete form.dataset.confirmed;
    });
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (!link || !window.HTMLDialogElement) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(link, link.textContent.trim(), () => window.location.assign(link.href));
  }, true);

  // Coming back with the browser's button: the question is asked again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("input[name=confirm]").forEach((field) => { field.disabled = false; });
  });
})();
