import type { Tone } from '../states/tones.ts';

const marks: Readonly<Record<Tone, string>> = {
  good: 'M15 25.5 L21.5 32 L33.5 18',
  bad: 'M24 14 V27 M24 33 V33.5',
  attention: 'M24 14 V27 M24 33 V33.5',
  progress: 'M24 14 V24.5 L31 29',
  neutral: 'M16 24 H32',
};

/**
 * A plain round sign for how things stand. Says nothing to screen readers: the text beside it does.
 */
export function StatusArt({ kind }: { readonly kind: Tone }) {
  return (
    <svg
      className={`kt-art kt-art-${kind}`}
      viewBox="0 0 48 48"
      width="56"
      height="56"
      aria-hidden="true"
    >
      <circle className="kt-art-ground" cx="24" cy="24" r="24" />
      <path className="kt-art-mark" d={marks[kind]} />
    </svg>
  );
}
