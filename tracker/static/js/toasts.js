// Short messages in the lower right: six seconds, longer under the pointer or focus. Never for errors.

const LIFE = 6000;

function live(toast) {
  if (toast.dataset.seconds) { // an offer that ends at its own time, whatever the pointer does
    window.setTimeout(() => toast.remove(), Number(toast.dataset.seconds) * 1000);
    return;
  }
  let timer = window.setTimeout(() => toast.remove(), LIFE);
  const hold = () => window.clearTimeout(timer);
  const resume = () => { timer = window.setTimeout(() => toast.remove(), LIFE); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusout", resume);
}

/** Show a message; with `undo` = {label, act} it can be taken back. */
export function showToast(text, undo = null) {
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = undo.label;
    button.addEventListener("click", () => { undo.act(); toast.remove(); });
    toast.append(button);
  }
  document.querySelector("[data-toasts]").append(toast);
  live(toast);
}

for (const toast of document.querySelectorAll("[data-toasts] .toast")) live(toast);
