// Dialogs, menus and small helpers of the shell. Without this file every link still leads to a full page.

let opener = null;

function openDialog(id, from) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  opener = from;
  if (dialog.open) dialog.close();
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;

  const opening = target.closest("[data-dialog]");
  if (opening && openDialog(opening.dataset.dialog, opening)) {
    event.preventDefault();
    return;
  }
  const closing = target.closest("[data-close]");
  if (closing && closing.closest("dialog:modal")) {
    event.preventDefault();
    closing.closest("dialog").close();
    return;
  }
  const insert = target.closest("[data-insert]");
  if (insert) {
    const area = document.getElementById(insert.dataset.into);
    area.value = area.value ? `${area.value.trimEnd()}；${insert.dataset.insert}` : insert.dataset.insert;
    area.focus();
    return;
  }
  const ticking = target.closest("[data-tick-all]");
  if (ticking) {
    for (const tick of document.getElementsByName(ticking.dataset.tickAll)) tick.checked = true;
    return;
  }
  if (target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("close", () => {
    if (opener) opener.focus();
    opener = null;
  });
  if (dialog.open) {
    dialog.close();
    dialog.showModal();
  }
}

// A page that takes longer than a moment says so; coming back to it ends that.
let waiting = 0;
function showWaiting() {
  waiting = setTimeout(() => document.getElementById("main")?.setAttribute("aria-busy", "true"), 300);
}
function hideWaiting() {
  clearTimeout(waiting);
  document.getElementById("main")?.removeAttribute("aria-busy");
}

// What only makes sense with scripts appears; what they replace goes.
for (const element of document.querySelectorAll("[data-print], [data-needs-script]")) element.hidden = false;
for (const form of document.querySelectorAll("form[data-send-form]")) {
  form.querySelector("[data-send]").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", showWaiting);
}
for (const link of document.querySelectorAll(".segmented a")) link.addEventListener("click", showWaiting);
addEventListener("pageshow", hideWaiting);
document.querySelector("[data-focus]")?.focus();

// What a page says from its beginning is not read out; put in again once the page stands, it is.
setTimeout(() => {
  for (const said of document.querySelectorAll('.flashes > *')) said.parentElement.append(said);
}, 300);
for (const current of document.querySelectorAll(".months [aria-current]")) { // the month looked at is never beyond the edge
  const strip = current.closest(".months");
  strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
}

// Engines leave alone what lies within the frame, also below a table's fixed first column: bring it out from there.
document.addEventListener("focusin", ({ target }) => {
  const frame = target.closest(".scroll");
  const fixed = target.closest("tr")?.querySelector(":scope > th:first-child");
  if (!frame || !fixed || fixed.contains(target) || getComputedStyle(fixed).position !== "sticky") return;
  const hidden = fixed.getBoundingClientRect().right + 8 - target.getBoundingClientRect().left;
  if (hidden > 0) frame.scrollLeft -= hidden;
});
