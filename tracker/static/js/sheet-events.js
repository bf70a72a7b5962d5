// What the scripts of the sheet tell one another.

/** At the form: fields were changed by a paste or its undoing, which are no typing. */
export const CHANGED = "sheet:changed";

/** At a field: the page filled it with what is on file, so that sums follow and nothing is saved again. */
export const FILLED = "sheet:filled";
