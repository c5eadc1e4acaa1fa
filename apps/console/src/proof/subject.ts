import { useText } from '../language/use-text.ts';

/** What an exception is about: a file or proof of a day, a number of entries, or a reference. */
export function useSubject(): (subject: string) => string {
  const text = useText();
  return (subject) => {
    const [, what, day = ''] = /^(statement|bill|proof|settlement) of (\S+)$/.exec(subject) ?? [];
    switch (what) {
      case 'statement':
      case 'bill':
      case 'proof':
      case 'settlement':
        return text(`exceptions.of.${what}`, { day });
      default:
    }
    const [, count] = /^(\d+) entries$/.exec(subject) ?? [];
    return count === undefined ? subject : text('exceptions.of.entries', { number: count });
  };
}
