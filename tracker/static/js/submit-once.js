// A second click changes nothing. The idempotency key in the form is what really guards; this only spares the round trip.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-submit-once")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  event.submitter?.setAttribute("data-busy", "");
  form.setAttribute("aria-busy", "true");
  form.querySelector("[data-wait]")?.removeAttribute("hidden");
});

// Coming back by the browser's history must find a form that works.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    form.querySelector("[data-wait]")?.setAttribute("hidden", "");
    form.querySelector("[data-busy]")?.removeAttribute("data-busy");
  }
});
