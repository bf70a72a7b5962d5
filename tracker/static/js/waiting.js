// A card that waits for work in the background: asks its own page again each second, and loads the page
// anew once the card is no longer there. Without scripts there is a link that does the same.
const PAUSE_MS = 1000;
const LONGEST_MS = 15000;

async function askAgain(card, pause) {
  let next = pause;
  try {
    const answer = await fetch(card.dataset.waiting, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = answer.ok ? page.getElementById(card.id) : card;
    if (!fresh) {
      window.location.reload();
      return;
    }
    if (fresh !== card && fresh.textContent !== card.textContent) {
      card.replaceChildren(...fresh.childNodes);
      if (!("waiting" in fresh.dataset)) return;
    }
    next = PAUSE_MS;
  } catch {
    next = Math.min(pause * 2, LONGEST_MS); // the network is away: more slowly
  }
  window.setTimeout(() => askAgain(card, next), next);
}

for (const card of document.querySelectorAll("[data-waiting]")) {
  window.setTimeout(() => askAgain(card, PAUSE_MS), PAUSE_MS);
}
