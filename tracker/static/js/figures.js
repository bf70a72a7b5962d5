// Exact numbers in the browser: a figure is a BigInt scaled by its decimals, never a float.

const UNITS = { 万: 4, 亿: 8 };

/** Read what a person typed. Returns a BigInt scaled by `decimals`, null for blank, undefined for what is not a figure
 *  (or has more decimals than can be kept). Understands thousands separators, full-width digits, 万 and 亿. */
export function parseFigure(text, decimals) {
  const plain = text.normalize("NFKC").replace(/[,\s']/g, "").replace(/^[−–]/, "-");
  if (plain === "") return null;
  const match = /^([+-]?)(\d+)(?:\.(\d+))?([万亿]?)$/.exec(plain);
  if (!match) return undefined;
  const [, sign, whole, fraction = "", unit] = match;
  const places = decimals + (unit ? UNITS[unit] : 0);
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > places) return undefined;
  const digits = BigInt(whole + kept.padEnd(places, "0"));
  return sign === "-" ? -digits : digits;
}

/** Print a scaled BigInt with thousands separators and the minus sign −. */
export function showFigure(value, decimals) {
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = decimals ? `.${digits.slice(-decimals)}` : "";
  return `${value < 0n ? "−" : ""}${whole}${fraction}`;
}

/** Completion in tenths of a percent, half away from zero; a target not met never shows 100.0. */
export function completionTenths(actual, target) {
  if (target <= 0n) return null;
  const doubled = actual * 2000n;
  const size = doubled < 0n ? -doubled : doubled;
  const rounded = (size + target) / (2n * target);
  const tenths = Number(actual < 0n ? -rounded : rounded);
  return actual < target && tenths >= 1000 ? 999 : tenths;
}

/** 101.3 % from 1013. */
export function showTenths(tenths) {
  const size = Math.abs(tenths);
  return `${tenths < 0 ? "−" : ""}${Math.trunc(size / 10)}.${size % 10}%`;
}
