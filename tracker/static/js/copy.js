// A button that copies a text field; without scripts the text is selected and copied by hand.

async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.value);
    return true;
  } catch { // no clipboard on plain http, or not allowed: the older way asks nobody
    source.focus();
    source.select();
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  button.addEventListener("click", async () => {
    source.select();
    button.textContent = (await copied(source)) ? button.dataset.wordCopied : button.dataset.wordSelected;
  });
}
