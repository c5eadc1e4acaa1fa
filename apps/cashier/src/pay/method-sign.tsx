import type { Method } from './cashier.ts';

/** A small picture of a method: a code, a phone, a bank. */
export function MethodSign({ method }: { readonly method: Method }) {
  return (
    <svg className={`pay-sign pay-sign-${method}`} viewBox="0 0 40 40" aria-hidden="true">
      <rect width="40" height="40" rx="11" />
      <path d={paths[method]} />
    </svg>
  );
}

const paths: Readonly<Record<Method, string>> = {
  wechat_native:
    'M11 11h6v6h-6z M23 11h6v6h-6z M11 23h6v6h-6z M23 23h2 M29 23v3 M25 27h-2v2 M29 29h-2',
  wechat_h5:
    'M14.5 9h11a1.5 1.5 0 0 1 1.5 1.5v19a1.5 1.5 0 0 1-1.5 1.5h-11a1.5 1.5 0 0 1-1.5-1.5v-19A1.5 1.5 0 0 1 14.5 9z M18.5 27h3',
  bank_transfer: 'M10 17 20 11l10 6z M13 20v7 M20 20v7 M27 20v7 M10 30h20',
};
