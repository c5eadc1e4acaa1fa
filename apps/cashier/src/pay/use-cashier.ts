import { createServerClock, newIdempotencyKey } from '@keyturn/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { useApi } from '../api.ts';
import { usePolled } from '../polling.ts';
import { type Cashier, CashierSchema, type Method } from './cashier.ts';
import { isOver } from './phase.ts';

/** How to begin to pay; what it gives is stored where the order is. */
export interface Pay {
  readonly isPending: boolean;
  readonly error: unknown;
  readonly mutate: (method: Method, options?: { readonly onSuccess?: () => void }) => void;
  readonly reset: () => void;
}

/** The order behind a payment link, kept up to date, and how to begin to pay it. */
export function useCashier(token: string) {
  const api = useApi();
  const queries = useQueryClient();
  const clock = useMemo(() => createServerClock(), []);
  const key = ['cashier', token];
  const path = `/v1/cashier/${encodeURIComponent(token)}`;
  /** The time is taken out, so that an answer that says nothing new equals the one before. */
  const take = ({ server_time, ...cashier }: Cashier & { readonly server_time: string }) => {
    clock.learn(server_time);
    return cashier;
  };
  const read = async (signal: AbortSignal): Promise<Cashier> =>
    take(await api.get(path, { schema: CashierSchema, signal }));
  const query = usePolled({ key, read, isOver });
  // One key for one intention: pressing again after a failure repeats it, and charges once.
  const intention = useRef<{ readonly method: Method; readonly key: string }>(undefined);
  const pay = useMutation({
    mutationFn: async (method: Method): Promise<Cashier> => {
      if (intention.current?.method !== method) {
        intention.current = { method, key: newIdempotencyKey() };
      }
      const idempotencyKey = intention.current.key;
      const body = { method };
      return take(
        await api.post(`${path}/attempts`, { schema: CashierSchema, body, idempotencyKey }),
      );
    },
    onSuccess: (cashier) => {
      intention.current = undefined;
      queries.setQueryData(key, cashier);
    },
    // The order may have ended meanwhile: what is shown must say so.
    onError: () => queries.invalidateQueries({ queryKey: key }),
  });
  return { query, pay, clock };
}
