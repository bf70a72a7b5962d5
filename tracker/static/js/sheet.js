// The monthly sheet: walking the cells, pasting a column, totals while typing. The server computes everything again.
import { CHANGED, FILLED } from "./sheet-events.js";
import { completionTenths, parseFigure, showFigure, showTenths } from "./figures.js";
import { showToast } from "./toasts.js";

const LIGHTS = ["done", "on_track", "lagging", "behind", "not_reported"];

const form = document.querySelector("form[data-sheet]");
const cells = form ? [...form.querySelectorAll(".cell-input")] : [];
const rows = form ? [...form.querySelectorAll(".sheet-row")] : [];

function lightOf(tenths, row) {
  if (tenths >= 1000) return "done";
  if (!row.dataset.expected) return "not_reported";
  const gap = tenths - Number(row.dataset.expected);
  if (gap >= Number(form.dataset.onTrack)) return "on_track";
  return gap >= Number(form.dataset.lagging) ? "lagging" : "behind";
}

function paint(row, total) {
  const percent = row.querySelector("[data-percent]");
  const bar = row.querySelector("[data-bar]");
  const target = row.dataset.target ? BigInt(row.dataset.target) : 0n;
  const tenths = total === null ? null : completionTenths(total, target);
  percent.textContent = tenths === null ? "—" : showTenths(tenths);
  const length = Math.min(Math.max(tenths ?? 0, 0), 1000);
  bar.setAttribute("width", `${Math.trunc(length / 10)}.${length % 10}%`);
  bar.classList.remove(...LIGHTS.map((light) => `light-${light}`));
  bar.classList.add(`light-${tenths === null ? "not_reported" : lightOf(tenths, row)}`);
}

function isKnown(value) {
  return value !== null && value !== undefined;
}

// Of a flow's two fields the one being typed into rules, the other follows.
function follow(row, cell, value) {
  const other = [...row.querySelectorAll(".sheet-fill .cell-input, .sheet-total .cell-input")].find((field) => field !== cell);
  if (!other || !row.querySelector(".sheet-total .cell-input")) return;
  other.value = isKnown(value) ? showFigure(value, Number(row.dataset.decimals)) : "";
  other.closest(".cell").classList.toggle("cell-filled", isKnown(value));
}

// 1.2万人次 is read as 1.2万: the measure stands beside the first cell.
function withoutMeasure(cell, row) {
  const measure = row.querySelector(".sheet-fill .cell > span")?.textContent.trim() ?? "";
  const text = cell.value.trim();
  return measure && text.endsWith(measure) ? text.slice(0, -measure.length) : text;
}

function recompute(cell) {
  const row = cell.closest("[data-row]");
  if (!row) return;
  const decimals = Number(row.dataset.decimals);
  const typed = parseFigure(withoutMeasure(cell, row), decimals);
  const last = row.hasAttribute("data-level") ? 0n : BigInt(row.dataset.lastTotal);
  const isTotal = form.hasAttribute("data-fills-cumulative") || cell.closest(".sheet-total") !== null;
  const known = isKnown(typed);
  const total = known ? (isTotal ? typed : last + typed) : null;
  const shown = known && isTotal ? typed - last : total;
  const output = row.querySelector("[data-total]");
  if (output) output.textContent = shown === null ? "—" : showFigure(shown, decimals);
  else follow(row, cell, shown);
  cell.closest(".cell").classList.toggle("cell-filled", known);
  paint(row, total);
}

// Typed before this script was there, beside a figure that did not follow and would be sent as if it were meant.
function hasOutrun(cell) {
  const isStale = (other) => other !== cell && other.value !== "" && other.value === other.defaultValue;
  const row = cell.closest("[data-row]");
  return cell.value !== cell.defaultValue && cells.some((other) => other.closest("[data-row]") === row && isStale(other));
}

function isFilled(row) {
  const fields = [...row.querySelectorAll(".sheet-fill :is(input, select), .row-more [type=checkbox]")];
  if (!fields.length) return row.hasAttribute("data-answered");
  return fields.some((field) => (field.type === "checkbox" ? field.checked : field.value.trim() !== ""));
}

function countFilled() {
  const filled = rows.filter(isFilled).length;
  for (const shown of form.querySelectorAll("[data-filled]")) shown.textContent = String(filled);
  const bar = form.querySelector("[data-progress]");
  if (bar) bar.value = filled;
  for (const task of form.querySelectorAll("[data-task]")) showTask(task);
}

// A pledge in the list beside the sheet: still to be filled, or done.
function showTask(task) {
  const blank = rows.some((row) => row.closest("tbody").id === task.dataset.task && !isFilled(row));
  const state = task.querySelector("[data-state]");
  state.textContent = blank ? task.dataset.blank : task.dataset.done;
  task.querySelector(".lamp")?.toggleAttribute("hidden", !blank);
}

function change(cell, text) {
  cell.value = text;
  recompute(cell);
}

function changed() {
  form.dispatchEvent(new CustomEvent(CHANGED));
}

function columnOf(cell) {
  const isTotal = cell.closest(".sheet-total") !== null;
  return cells.filter((other) => (other.closest(".sheet-total") !== null) === isTotal);
}

function step(event) {
  const move = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move || event.isComposing || !event.target.matches(".cell-input")) return;
  event.preventDefault();
  const column = columnOf(event.target);
  const next = column[column.indexOf(event.target) + move];
  if (next) {
    next.focus();
    next.select();
  }
}

function paste(event) {
  const column = columnOf(event.target);
  const at = column.indexOf(event.target);
  const text = event.clipboardData.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (at < 0 || !text.includes("\n")) return;
  event.preventDefault();
  const targets = column.slice(at, at + text.split("\n").length);
  const before = targets.map((cell) => cell.value);
  text.split("\n").slice(0, targets.length).forEach((line, index) => change(targets[index], line.split("\t")[0].trim()));
  countFilled();
  changed();
  showToast(form.dataset.wordPasted.replace("{count}", String(targets.length)), {
    label: form.dataset.wordUndo,
    act: () => {
      targets.forEach((cell, index) => change(cell, before[index]));
      countFilled();
      changed();
      targets[0].focus();
    },
  });
}

if (form) {
  for (const cell of cells.filter(hasOutrun)) recompute(cell);
  form.addEventListener("keydown", step);
  form.addEventListener("paste", paste);
  for (const name of ["input", FILLED]) {
    form.addEventListener(name, (event) => {
      if (event.target.matches(".cell-input")) recompute(event.target);
      countFilled();
    });
  }
}
