/** How personal data is shown: enough to recognise one's own, too little to learn another's. */

/** `张三` is `*三`; `John Smith` is `J*** S***`. */
export function maskName(name: string): string {
  const characters = [...name];
  if (/\p{Script=Han}/u.test(name)) {
    const last = characters.at(-1) ?? '';
    return characters.length === 1 ? '*' : `${'*'.repeat(characters.length - 1)}${last}`;
  }
  const words = name.split(/\s+/u).map((word) => [...word][0] ?? '');
  return words.map((initial) => `${initial}***`).join(' ');
}

/** First and last character: `1****************4`. */
export function maskDocument(number: string): string {
  return `${number.slice(0, 1)}${'*'.repeat(number.length - 2)}${number.slice(-1)}`;
}

/** `+8613800138000` is `138****8000`; others keep their last four digits. */
export function maskPhone(e164: string): string {
  const chinese = /^\+86(\d{3})\d{4}(\d{4})$/.exec(e164);
  return chinese ? `${chinese[1]}****${chinese[2]}` : `+****${e164.slice(-4)}`;
}

/** The last four characters: `****1234`. */
export function maskAccountNumber(number: string): string {
  return `****${number.slice(-4)}`;
}
