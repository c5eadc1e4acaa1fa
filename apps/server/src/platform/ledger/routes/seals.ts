import { decodeCursor, type Page, pageOf as pageOfRows } from '@keyturn/kernel';
import { readSealHead, readSealLag, readSeals, type Seal } from '@keyturn/ledger';
import { RefusedError } from '../../http/refused.ts';
import { pageSize } from '../../http/request.ts';
import { PageQuerySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { checkWholeLedger } from '../check.ts';
import { CheckSchema, pageOf, problems, SealHeadSchema, SealSchema } from '../schemas.ts';
import { readTrustedSealKeys } from '../sealing.ts';
import { sealView } from '../views.ts';
import { type LedgerRoutesDeps, listOf, tags } from './edge.ts';

/** The chain of seals, and the check that verifies it. */
export function registerSealRoutes(app: HttpApp, deps: LedgerRoutesDeps): void {
  registerHead(app, deps);
  registerCheck(app, deps);
  app.get(
    '/v1/ledger/seals',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        operationId: 'listLedgerSeals',
        summary: 'The chain of seals, from the first',
        querystring: PageQuerySchema,
        response: { 200: pageOf(SealSchema), ...problems },
      },
    },
    async (request) => listOf(sealsAfter(deps, request.query), sealView),
  );
}

async function sealsAfter(
  { database }: LedgerRoutesDeps,
  query: { readonly limit?: number; readonly cursor?: string },
): Promise<Page<Seal>> {
  const limit = pageSize(query.limit);
  const [after] =
    query.cursor === undefined ? ['0'] : (decodeCursor(query.cursor, ['sequence']) ?? []);
  if (after === undefined) throw new RefusedError({ code: 'cursor_invalid', param: 'cursor' });
  const seals = await readSeals(database, BigInt(after), limit + 1);
  return pageOfRows(seals, limit, (seal) => [seal.number.toString()]);
}

function registerHead(app: HttpApp, { database }: LedgerRoutesDeps): void {
  app.get(
    '/v1/ledger/seals/head',
    {
      config: { access: ['operator'] },
      schema: {
        tags,
        operationId: 'getLedgerSealHead',
        summary: 'The last seal, to be kept elsewhere, and what is not sealed yet',
        response: { 200: SealHeadSchema, ...problems },
      },
    },
    async () => {
      const head = await readSealHead(database);
      const { journals, since } = await readSealLag(database);
      return {
        ...(head === undefined ? {} : { head: sealView(head) }),
        unsealed_journals: Number(journals),
        ...(since === null ? {} : { unsealed_since: since.toString() }),
      };
    },
  );
}

function registerCheck(app: HttpApp, { checkUrl, keyFolder }: LedgerRoutesDeps): void {
  app.post(
    '/v1/ledger/checks',
    {
      config: { access: ['operator:finance'] },
      schema: {
        tags,
        operationId: 'checkLedger',
        summary: 'Replays every transfer, compares every balance, verifies every seal',
        response: { 200: CheckSchema, ...problems },
      },
    },
    async () => {
      const trustedKeys = await readTrustedSealKeys(keyFolder);
      const check = await checkWholeLedger(checkUrl, {
        ...(trustedKeys === undefined ? {} : { trustedKeys }),
      });
      const { head } = check;
      return {
        balanced: check.balanced,
        findings: [...check.findings],
        accounts: Number(check.accounts),
        journals: Number(check.journals),
        transfers: Number(check.transfers),
        seals: Number(check.seals),
        unsealed_journals: Number(check.unsealedJournals),
        ...(head === undefined
          ? {}
          : { head: { number: Number(head.number), digest: head.digest } }),
        trusted_keys: [...(trustedKeys ?? [])],
      };
    },
  );
}
