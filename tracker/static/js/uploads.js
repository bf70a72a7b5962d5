// Sending files one by one with their progress; the plain form does the same without this file.

const form = document.querySelector("form[data-uploads]");

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function element(name, css, text = "") {
  const made = document.createElement(name);
  made.className = css;
  made.textContent = text;
  return made;
}

function showFile(file) {
  const item = document.createElement("li");
  const name = element("span", "upload-name", file.name);
  const state = element("span", "upload-state", form.dataset.wordWaiting);
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  const wrong = element("p", "upload-wrong");
  const actions = element("div", "upload-actions");
  item.append(name, state, progress, wrong, actions);
  form.querySelector("[data-list]").append(item);
  return { item, state, progress, wrong, actions };
}

// One request a file: { status, told } when it was answered, status 0 when it was not.
function send(file, key, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("line", form.elements.line.value);
    body.set("files", file);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      shown.progress.value = (event.loaded / event.total) * 100;
      shown.state.textContent = event.loaded < event.total ? form.dataset.wordSending : form.dataset.wordChecking;
    });
    request.addEventListener("load", () => resolve({ status: request.status, told: request.response }));
    request.addEventListener("error", () => resolve({ status: 0, told: null }));
    request.send(body);
  });
}

function offerRetry(shown, again, signIn) {
  if (signIn) {
    const link = element("a", "", form.dataset.wordSignIn);
    link.href = signIn;
    link.target = "_blank";
    link.rel = "noopener";
    shown.actions.append(link);
  }
  const button = element("button", "btn btn-small", form.dataset.wordRetry);
  button.type = "button";
  button.addEventListener("click", again);
  shown.actions.append(button);
}

async function keep(file, key, shown) {
  shown.wrong.textContent = "";
  shown.actions.replaceChildren();
  let { status, told } = await send(file, key, shown);
  if (status === 400 && told?.csrf_token) {
    form.elements.csrf_token.value = told.csrf_token;
    ({ status, told } = await send(file, key, shown));
  }
  if (status === 200) {
    shown.state.textContent = form.dataset.wordKept;
    shown.progress.hidden = true;
    return true;
  }
  shown.state.textContent = "";
  shown.progress.value = 0;
  shown.wrong.textContent = sentence(status, told);
  if ([0, 401, 429, 503].includes(status)) offerRetry(shown, () => take([{ file, key, shown }]), status === 401 ? told?.sign_in_url : null);
  return false;
}

function sentence(status, told) {
  if (status === 401) return form.dataset.wordExpired;
  if (status === 413) return form.dataset.wordLarge;
  return told?.message || form.dataset.wordLost;
}

async function refreshFiles() {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-files]");
  if (fresh) document.querySelector("[data-files]").replaceWith(document.importNode(fresh, true));
}

async function takeAll(waiting) {
  let isChanged = false;
  for (const { file, key, shown } of waiting) isChanged = (await keep(file, key, shown)) || isChanged;
  if (isChanged) await refreshFiles();
}

// One file after another, also when more are dropped meanwhile: the slow line of a county is shared by nothing.
let queue = Promise.resolve();

function take(waiting) {
  queue = queue.then(() => takeAll(waiting));
  return queue;
}

function begin(files) {
  return take([...files].map((file) => ({ file, key: randomKey(), shown: showFile(file) })));
}

if (form) {
  const drop = form.querySelector("[data-drop]");
  drop.classList.add("drop-scripted");
  form.querySelector("[data-send]").hidden = true;
  for (const input of form.querySelectorAll("input[type=file]")) {
    const begun = () => {
      begin(input.files);
      input.value = "";
    };
    input.addEventListener("change", begun);
    if (input.files.length) begun(); // chosen before this script was there
  }
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("drop-over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("drop-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    begin(event.dataTransfer.files);
  });
}
