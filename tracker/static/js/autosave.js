// The sheet saves itself a moment after typing. The server keeps the draft; nothing is stored in the browser.
// It answers {saved_text, version, seen, faults, clashes, taken}; whatever goes wrong is told in the bar, with a way on.
import { fill, held, showClashes, showFaults, showTaken } from "./clashes.js";
import { CHANGED } from "./sheet-events.js";

const WAIT = 1500;
const form = document.querySelector("form[data-autosave]");
const words = form?.dataset ?? {};
const state = form?.querySelector("[data-saved]");

let edits = 0; // how often something was typed
let kept = 0; // up to which of them the server has it
let waiting = 0; // what could not be kept yet: slips of the pen and open choices
let timer = 0;
let saving = null;
let isLeaving = false;
let isAway = false; // signed out, or no connection
let isRefused = false; // may not be saved any more: the period was closed meanwhile

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function tell(text, { isWrong = false, ways = [] } = {}) {
  state.classList.toggle("saved-not", isWrong);
  state.replaceChildren(text, ...ways);
}

function button(label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = label;
  made.addEventListener("click", () => save());
  return made;
}

function signInLink(url) {
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = words.wordSignIn;
  return link;
}

async function send(keepalive) {
  const body = new FormData(form);
  body.set("idempotency_key", randomKey());
  const answer = await fetch(words.autosave, { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
  const told = await answer.json().catch(() => ({}));
  return { status: answer.status, told, body };
}

// A token from before a new sign-in is replaced, and two that saved at the same moment come one after another.
async function sendTwice(keepalive) {
  const first = await send(keepalive);
  if (first.status === 400 && first.told.csrf_token) form.elements.csrf_token.value = first.told.csrf_token;
  else if (first.status !== 409) return first;
  return send(keepalive);
}

function partOf(token, place) {
  return token.split(" ").find((part) => part.startsWith(`${place}=`));
}

function apply(told, body) {
  let { seen } = told;
  showFaults(form, told.faults);
  showClashes(form, told.clashes);
  for (const taken of told.taken) {
    const names = Object.keys(taken.fields);
    const before = held(form, names);
    if (names.some((name) => String(before[name]) !== String(body.getAll(name)))) {
      // typed on meanwhile: the next saving asks which one counts
      seen = seen.replace(partOf(seen, taken.place), partOf(body.get("seen"), taken.place));
      continue;
    }
    fill(form, taken.fields);
    showTaken(form, taken, () => { fill(form, before); changed(0); });
  }
  form.elements.namedItem("version").value = told.version;
  form.elements.namedItem("seen").value = seen;
  waiting = told.faults.length + told.clashes.length;
}

function tellKept(told) {
  const open = [
    told.faults.length ? words.wordFaults.replace("{count}", String(told.faults.length)) : "",
    told.clashes.length ? words.wordClashes.replace("{count}", String(told.clashes.length)) : "",
  ].filter(Boolean);
  tell([told.saved_text, ...open].join(" · "), { isWrong: open.length > 0 });
}

function tellLost(status, told) {
  isAway = status === 0 || status === 401;
  isRefused = status === 403;
  if (status === 401) tell(words.wordExpired, { isWrong: true, ways: [signInLink(told.sign_in_url), button(words.wordAgain)] });
  else tell(told.message || words.wordNotSaved, { isWrong: true, ways: [button(words.wordRetry)] });
}

async function keep(keepalive) {
  const upTo = edits;
  tell(words.wordSaving);
  try {
    const { status, told, body } = await sendTwice(keepalive);
    if (status !== 200) {
      tellLost(status, told);
      return;
    }
    isAway = isRefused = false;
    apply(told, body);
    kept = Math.max(kept, upTo);
    tellKept(told);
  } catch {
    tellLost(0, {});
  }
}

// One at a time: the next one begins from the tokens of the one before.
function save({ keepalive = false } = {}) {
  window.clearTimeout(timer);
  const mine = (saving ?? Promise.resolve()).then(() => keep(keepalive));
  saving = mine;
  return mine.finally(() => { if (saving === mine) saving = null; });
}

function changed(delay = WAIT) {
  edits += 1;
  window.clearTimeout(timer);
  timer = window.setTimeout(save, delay);
}

function isUnsaved() {
  return edits !== kept;
}

// A person who goes on takes everything typed along; what cannot be sent now keeps the page.
function goOn(event) {
  if (isLeaving || !(isUnsaved() || saving)) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  const { submitter } = event;
  (isUnsaved() ? save() : saving).then(() => {
    if (isAway || isRefused) return;
    isLeaving = true;
    form.requestSubmit(submitter);
  });
}

function follow(event) {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || link.target || !isPlain || !isUnsaved() || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  save().then(() => { if (!isAway) window.location.assign(link.href); });
}

// Typed before this script was there, or drawn again with what could not be saved.
function isTouched(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.matches("select")) return [...field.options].some((option) => option.selected && !option.defaultSelected && option.value !== "");
  return field.matches("input:not([type=hidden]), textarea") && field.value !== field.defaultValue;
}

if (form) {
  if (form.hasAttribute("data-unsaved") || [...form.elements].some(isTouched)) changed();
  form.addEventListener("submit", goOn);
  form.addEventListener("input", (event) => changed(event.target.name?.startsWith("pick-") ? 0 : WAIT));
  form.addEventListener(CHANGED, () => changed());
  document.addEventListener("click", follow);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && isUnsaved()) save({ keepalive: true });
    else if (document.visibilityState === "visible" && isAway) save();
  });
  window.addEventListener("online", () => { if (isAway) save(); });
  window.addEventListener("pageshow", () => { isLeaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && (isUnsaved() || waiting)) event.preventDefault();
  });
}
