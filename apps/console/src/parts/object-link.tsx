import { Link } from '@tanstack/react-router';
import './object-link.css';

/** The pages of objects, by the prefix of their ids. */
const pages = {
  deal: '/deals/$id',
  agr: '/agreements/$id',
  ord: '/orders/$id',
  pyt: '/payouts/$id',
  rcp: '/receipts/$id',
  exc: '/exceptions/$id',
} as const;

function pageOf(id: string) {
  const prefix = id.slice(0, id.indexOf('_'));
  return Object.hasOwn(pages, prefix) ? pages[prefix as keyof typeof pages] : undefined;
}

/** Where an id of any kind leads: to the object's page, else to the journals that it caused. */
export function targetOf(id: string) {
  const to = pageOf(id);
  return to === undefined
    ? ({ to: '/journals', search: { id } } as const)
    : ({ to, params: { id } } as const);
}

/**
 * An id that leads to what it names. `text` in its place, when the object has a name of its own.
 */
export function ObjectLink({ id, text }: { readonly id: string; readonly text?: string }) {
  return (
    <Link className={text === undefined ? 'kc-id' : ''} {...targetOf(id)}>
      {text ?? id}
    </Link>
  );
}

/** A number or id that leads nowhere: in digits of one width, selectable whole. */
export function Code({ children }: { readonly children: string }) {
  return <code className="kc-id">{children}</code>;
}
