// Keys of the review page: J K walk the queue, A accepts, R returns, L leaves it for later, E goes to the evidence.
// A sheet walked to is not the sheet shown: the other keys open it first, so that nobody judges one and means another.

const items = [...document.querySelectorAll("[data-queue-item]")];

function walk(step) {
  const from = items.findIndex((item) => item === document.activeElement);
  const current = from >= 0 ? from : items.findIndex((item) => item.hasAttribute("aria-current"));
  items[Math.min(Math.max(current + step, 0), items.length - 1)]?.focus();
}

function isTyping(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    event.preventDefault();
    walk(key === "j" ? 1 : -1);
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  const walkedTo = items.find((item) => item === document.activeElement && !item.hasAttribute("aria-current"));
  if (walkedTo && key !== "?") walkedTo.click();
  else if (target.matches("a, button")) target.click();
  else target.focus();
});
