/** Longer texts are left to the engine, whose start costs more than some characters do. */
const shortText = 64;

/**
 * A text as JSON, as `JSON.stringify` writes it. For what is written piece by piece under load:
 * most texts are short and plain, and need nothing but their quotes.
 */
export function jsonText(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** Short, and of printable ASCII without a quotation mark or a reverse solidus (RFC 8259, 7). */
function isPlain(text: string): boolean {
  if (text.length > shortText) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}
