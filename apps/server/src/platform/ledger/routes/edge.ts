import type { Clock, ErrorRegistry, Page, Refusal } from '@keyturn/kernel';
import { CursorError } from '@keyturn/ledger';
import type { Database } from '@keyturn/pipeline';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf, problemOf } from '../../http/problem.ts';
import { RefusedError } from '../../http/refused.ts';
import { journalText } from '../journal-text.ts';
import type { Booked, LedgerCaller, LedgerService } from '../service.ts';

/** What the ledger's routes stand on. */
export interface LedgerRoutesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: LedgerService;
  readonly errors: ErrorRegistry;
  /** Who asks, as the gate found out. */
  callerOf(request: FastifyRequest): LedgerCaller;
  /** What an integrator is called on the wire. */
  keeperName(keeper: string): string;
  /** A connection for the check, which reads everything. */
  readonly checkUrl: string;
  /** Where the public halves of the keys lie that may have sealed. */
  readonly keyFolder: string;
}

export const tags = ['Ledger'];
/** Reading: an integrator sees books of its own, an operator all. */
export const readers = { access: ['integrator', 'operator'] } as const;
/** Writing: into books of one's own. */
export const keepers = { access: ['integrator:ledger'] } as const;

/** A page as it goes over the wire. */
export async function listOf<Row, View>(
  page: Promise<Page<Row>>,
  view: (row: Row) => View,
): Promise<{ items: View[]; next_cursor?: string }> {
  const { items, nextCursor } = await pageFor(page);
  const views = items.map(view);
  return { items: views, ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }) };
}

/** A page of the ledger's; a cursor that is none of ours is a refusal. */
export async function pageFor<Row>(page: Promise<Page<Row>>): Promise<Page<Row>> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    throw new RefusedError({ code: 'cursor_invalid', param: 'cursor' });
  }
}

/** JSON that is written already. */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').send(text);
}

/** A journal that was booked: 201, and a header when this is the first answer given again. */
export function sendBooked(reply: FastifyReply, booked: Booked): FastifyReply {
  if (booked.receipt.replayed) reply.header('idempotent-replayed', 'true');
  return sendText(reply, 201, bookedText(booked));
}

export function bookedText({ receipt, names }: Booked): string {
  return journalText(receipt.journal, receipt.transfers, names);
}

/** A refusal that is one of several results. */
export function problemText(
  errors: ErrorRegistry,
  request: FastifyRequest,
  refusal: Refusal,
): { readonly status: number; readonly text: string } {
  const problem = problemOf(errors, refusal, languageOf(request), request.id);
  return { status: problem.status, text: JSON.stringify(problem) };
}
