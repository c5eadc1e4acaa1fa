/** A key that is turned: the bow a ring, the bit two teeth. */
export function BrandSign({ size = 28 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--kt-primary)" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <circle cx="11.5" cy="16" r="4.2" />
        <path d="M15.7 16 H25 M21 16 V20 M25 16 V19" />
      </g>
    </svg>
  );
}
