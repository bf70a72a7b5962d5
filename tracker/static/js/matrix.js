// The matrix of targets: walking the cells, pasting a block, sums while typing, saving by itself. The server computes everything again.
import { parseFigure, showFigure } from "./figures.js";
import { showToast } from "./toasts.js";

const form = document.querySelector("form[data-matrix]");
const OFF = ["不承担", "not assigned", "/", "-", "—", "–", "−"];
const YES = ["y", "1", "是", "√", "✓", "承担"];

// The grid as people see it: one line a table row, null where a column has nothing to type into.
const grid = form
  ? [...form.querySelectorAll("[data-grid]")].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("[data-cell]")))
  : [];
const before = new WeakMap();
let current = null;

function placeOf(cell) {
  const row = grid.findIndex((line) => line.includes(cell));
  return row < 0 ? null : { row, column: grid[row].indexOf(cell) };
}

function next(place, down, right) {
  let { row, column } = place;
  do {
    row += down;
    column += right;
    if (!grid[row] || column < 0 || column >= grid[row].length) return null;
  } while (!grid[row][column]);
  return grid[row][column];
}

function go(cell) {
  if (!cell) return;
  cell.focus();
  if (cell.type !== "checkbox") cell.select();
}

function isAtEdge(cell, key) {
  if (cell.type === "checkbox") return true;
  const all = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  if (all) return true;
  const at = key === "ArrowLeft" ? 0 : cell.value.length;
  return cell.selectionStart === at && cell.selectionEnd === at;
}

const STEPS = { Enter: [1, 0], ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// Ctrl with Home, End and Enter: the first cell, the last one, and out of the table to its main button.
function leap(event) {
  const cells = grid.flat().filter(Boolean);
  const targets = { Home: cells[0], End: cells[cells.length - 1], Enter: form.querySelector("button[value=check]") };
  const target = targets[event.key];
  if (!target) return;
  event.preventDefault();
  if (target.matches("[data-cell]")) go(target);
  else target.focus();
}

function walk(event) {
  const cell = event.target;
  if (cell.matches("[data-cell]") && !event.isComposing && (event.ctrlKey || event.metaKey)) leap(event);
  if (!cell.matches("[data-cell]") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (before.has(cell)) change(cell, before.get(cell));
    if (cell.type !== "checkbox") cell.select();
    return;
  }
  const step = STEPS[event.key];
  if (!step) return;
  if (step[1] && (event.shiftKey || !isAtEdge(cell, event.key))) return;
  event.preventDefault();
  const down = event.key === "Enter" && event.shiftKey ? -1 : step[0];
  go(next(placeOf(cell), down, step[1]));
}

function textOf(cell) {
  if (cell.type === "checkbox") return cell.checked ? "y" : "";
  return cell.value;
}

function change(cell, text) {
  if (cell.type === "checkbox") cell.checked = YES.includes(text.trim());
  else cell.value = text;
  typed(cell);
}

function typed(cell) {
  const box = cell.closest("td");
  if (cell.dataset.cell === "part") {
    const text = cell.value.normalize("NFKC").trim();
    box.classList.toggle("matrix-typed", text !== "");
    box.classList.toggle("matrix-off", OFF.includes(text));
  }
  if (cell.dataset.cell === "tick") box.classList.add("matrix-typed");
  check(cell.closest("[data-row]"));
  changed();
}

// Sums in whole numbers; where a cell cannot be read, nothing is said until the server has looked at it.
function check(row) {
  if (!row || row.dataset.way !== "summed") return;
  const decimals = Number(row.dataset.decimals);
  const whole = row.querySelector("[data-cell=whole]");
  const stated = whole && whole.value.trim() !== "" ? parseFigure(whole.value, decimals) : undefined;
  const target = stated ?? (row.dataset.target && (!whole || whole.placeholder) ? BigInt(row.dataset.target) : null);
  const parts = [...row.querySelectorAll("[data-counted] [data-cell]")].map((cell) => partOf(cell, decimals));
  const isKnown = target !== null && target !== undefined && !parts.includes(undefined) && parts.some((part) => part !== null);
  tell(row, isKnown ? target - parts.reduce((sum, part) => sum + (part ?? 0n), 0n) : null, decimals);
}

function partOf(cell, decimals) {
  const text = cell.value.normalize("NFKC").trim();
  if (text === "" || OFF.includes(text)) return null;
  if (["不定数", "不定量", "no number"].includes(text)) return 0n;
  return parseFigure(text, decimals);
}

function tell(row, difference, decimals) {
  const size = difference === null ? "" : showFigure(difference < 0n ? -difference : difference, decimals);
  const verdict = difference === null ? "" : difference > 0n ? "gap" : difference < 0n ? "padding" : "equal";
  row.classList.toggle("matrix-gap", verdict === "gap");
  row.classList.toggle("matrix-padding", verdict === "padding");
  row.querySelector("[data-reserve]").textContent = verdict === "" ? "—" : verdict === "gap" ? size : showFigure(0n, decimals);
  const words = { gap: form.dataset.wordGap, padding: form.dataset.wordPadding, equal: form.dataset.wordEqual };
  row.querySelector("[data-check]").textContent = verdict === "" ? "—" : words[verdict].replace("{size}", size);
}

// A rectangle from a spreadsheet, laid down from the cell one stands in.
function paste(event) {
  const start = event.target.matches("[data-cell]") ? placeOf(event.target) : null;
  const text = event.clipboardData.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!start || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const done = [];
  text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
    const cell = grid[start.row + down]?.[start.column + right];
    if (!cell) return;
    done.push([cell, textOf(cell)]);
    change(cell, value.trim());
  }));
  showToast(form.dataset.wordPasted.replace("{count}", String(done.length)), {
    label: form.dataset.wordUndo,
    act: () => {
      done.forEach(([cell, value]) => change(cell, value));
      event.target.focus();
    },
  });
}

function switchOff() {
  if (!current || current.dataset.cell !== "part") return;
  const isOff = OFF.includes(current.value.normalize("NFKC").trim());
  change(current, isOff ? "" : form.dataset.wordOff);
  go(current);
}

// The server keeps the working copy a moment after the last change. Nothing is stored in the browser.
let timer = 0;
let sending = null;

function changed() {
  window.clearTimeout(timer);
  timer = window.setTimeout(save, 2000);
}

// A key of its own for every attempt: the form keeps the one it was drawn with for its buttons.
function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function save() {
  if (sending || form.dataset.sent) return changed();
  const state = form.querySelector("[data-saved]");
  const body = new URLSearchParams(new FormData(form));
  body.set("then", "auto");
  state.classList.remove("saved-not");
  state.textContent = form.dataset.wordSaving;
  try {
    sending = fetch(form.action, { method: "POST", body, headers: { Accept: "application/json", "Idempotency-Key": freshKey() } });
    const answer = await sending;
    const kept = await answer.json();
    if (!answer.ok) throw new Error(kept.message);
    state.textContent = kept.saved_text;
    form.elements.namedItem("version").value = kept.version;
  } catch (error) {
    state.classList.add("saved-not");
    state.textContent = error instanceof TypeError || !error.message ? form.dataset.wordNotSaved : error.message;
  } finally {
    sending = null;
  }
}

if (form) {
  form.addEventListener("keydown", walk);
  form.addEventListener("paste", paste);
  form.addEventListener("focusin", (event) => {
    if (!event.target.matches("[data-cell]")) return;
    current = event.target;
    before.set(current, textOf(current));
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-cell]")) typed(event.target);
  });
  form.addEventListener("submit", () => window.clearTimeout(timer));
  form.querySelector("[data-off]").addEventListener("click", switchOff);
}
