// A button back to a page one came from goes back in the browser's own history: to the same unit, the same
// choices and the same place on the screen. Without scripts, or coming from elsewhere, it is a plain link.
for (const link of document.querySelectorAll("a[data-back]")) {
  const from = document.referrer ? new URL(document.referrer) : null;
  if (from && from.origin === window.location.origin && from.pathname === new URL(link.href).pathname) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      window.history.back();
    });
  }
}
