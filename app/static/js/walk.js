// The walk through records: the arrow keys go back and on, except where somebody writes.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const link = document.querySelector(`[data-walk="${event.key}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
})();
