// A click on a line of the review shows its evidence beside it; without scripts the link loads the page with that line.

const section = document.querySelector("[data-evidence]");
const rows = [...document.querySelectorAll("[data-row]")];

function show(code, name) {
  for (const row of rows) row.classList.toggle("diff-current", row.dataset.row === code);
  for (const link of document.querySelectorAll("[data-row] th a")) {
    const isCurrent = link.closest("[data-row]").dataset.row === code;
    if (isCurrent) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (!section) return;
  let shown = 0;
  for (const file of section.querySelectorAll("[data-line]")) {
    file.hidden = code !== "" && file.dataset.line !== code;
    if (!file.hidden) shown += 1;
  }
  section.querySelector("[data-no-files]").hidden = shown > 0;
  section.querySelector("[data-line-of]").hidden = code === "";
  section.querySelector("[data-line-name]").textContent = name;
}

function remember(code) {
  const address = new URL(window.location.href);
  if (code) address.searchParams.set("line", code);
  else address.searchParams.delete("line");
  address.hash = "";
  window.history.replaceState(null, "", address);
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const link = event.target.closest("[data-row] th a");
  if (link) {
    event.preventDefault();
    const { row } = link.closest("[data-row]").dataset;
    show(row, link.textContent);
    remember(row);
    const about = document.querySelector(`#about option[data-code="${CSS.escape(row)}"]`);
    if (about) about.selected = true;
  } else if (event.target.closest("[data-all-lines]")) {
    event.preventDefault();
    show("", "");
    remember("");
  }
});
