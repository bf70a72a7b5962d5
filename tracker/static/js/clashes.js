// Boxes in the sheet where two people typed: one value to choose, or a colleague's value that came in.
import { FILLED } from "./sheet-events.js";

function made(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // a fragment of our own templates, escaped there
  return holder.content.firstElementChild;
}

function notesOf(row) {
  const next = row.nextElementSibling;
  if (next?.matches(".sheet-notes:not(.sheet-texts)")) return next.cells[0];
  const notes = document.createElement("tr");
  notes.className = "sheet-notes";
  const cell = document.createElement("td");
  cell.colSpan = 7;
  notes.append(cell);
  row.after(notes);
  row.classList.add("has-notes");
  row.closest("tbody").querySelector(".sheet-pledge").rowSpan += 1;
  return cell;
}

function put(box, anchor) {
  const place = document.getElementById(anchor);
  if (!place) return;
  if (place.matches("tr")) {
    notesOf(place).prepend(box);
    return;
  }
  place.closest("details")?.setAttribute("open", "");
  place.closest(".field").append(box);
}

function find(form, kind, place) {
  return form.querySelector(`[data-${kind}="${CSS.escape(place)}"]`);
}

function valueOf(field) {
  return field.type === "checkbox" ? (field.checked ? field.value : null) : field.value;
}

function fieldsNamed(form, name) {
  return [...form.elements].filter((field) => field.name === name);
}

/** What the fields of these names hold, as they would be sent. */
export function held(form, names) {
  return Object.fromEntries(names.map((name) => [name, fieldsNamed(form, name).map(valueOf).filter((value) => value !== null)]));
}

/** Put these values into the fields. */
export function fill(form, fields) {
  for (const [name, values] of Object.entries(fields)) {
    for (const field of fieldsNamed(form, name)) {
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
      field.dispatchEvent(new CustomEvent(FILLED, { bubbles: true }));
    }
  }
}

/** Show exactly these choices; one that stands there unchanged keeps what was picked. */
export function showClashes(form, clashes) {
  const wanted = new Map(clashes.map((clash) => [clash.place, clash]));
  for (const box of form.querySelectorAll("[data-clash]")) {
    const clash = wanted.get(box.dataset.clash);
    if (clash && clash.html.trim() === box.dataset.html) wanted.delete(box.dataset.clash);
    else box.remove();
  }
  for (const clash of wanted.values()) {
    const box = made(clash.html);
    box.dataset.html = clash.html.trim();
    put(box, clash.anchor);
  }
}

/** A colleague's value is in the fields now; `restore` takes the ones before it back. */
export function showTaken(form, taken, restore) {
  find(form, "taken", taken.place)?.remove();
  const box = made(taken.html);
  put(box, taken.anchor);
  box.querySelector("[data-settle]").addEventListener("click", () => box.remove());
  box.querySelector("[data-restore]").addEventListener("click", () => {
    box.remove();
    restore();
  });
}

/** Say at their fields what could not be kept. */
export function showFaults(form, faults) {
  for (const told of form.querySelectorAll("[data-fault]")) told.remove();
  for (const cell of form.querySelectorAll("[data-faulty]")) {
    cell.classList.remove("cell-mend");
    delete cell.dataset.faulty;
  }
  for (const { field, text } of faults) {
    const input = document.getElementById(field);
    if (!input) continue;
    const told = document.createElement("p");
    told.className = "field-error";
    told.dataset.fault = field;
    told.textContent = text;
    const cell = input.closest(".cell") ?? input;
    cell.classList.add("cell-mend");
    cell.dataset.faulty = "";
    cell.before(told);
  }
}
