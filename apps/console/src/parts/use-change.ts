import { newIdempotencyKey } from '@keyturn/ui';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { GenericSchema, InferOutput } from 'valibot';
import { useApi } from '../session/session-context.ts';

/** What a person decides: where it is sent, and with what. */
export interface Change {
  readonly path: string;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | undefined>>;
}

interface Sent extends Change {
  readonly key: string;
}

/**
 * A change on the server. The same decision sent again, after an answer that was lost, carries the
 * same key, so that it is done once; another decision gets a key of its own. Afterwards everything
 * on screen is read anew.
 */
export function useChange<S extends GenericSchema>(
  schema: S,
  done?: (answer: InferOutput<S>) => void,
  pace: 'quick' | 'slow' = 'quick',
): { readonly send: (change: Change) => void } & Pick<
  UseMutationResult<InferOutput<S>, Error, Sent>,
  'isPending' | 'error' | 'data' | 'reset' | 'isSuccess'
> {
  const api = useApi(pace);
  const queries = useQueryClient();
  const last = useRef<{ readonly print: string; readonly key: string } | undefined>(undefined);
  const mutation = useMutation({
    mutationFn: ({ path, body, query, key }: Sent) =>
      api.post(path, {
        schema,
        idempotencyKey: key,
        ...(body === undefined ? {} : { body }),
        ...(query === undefined ? {} : { query }),
      }),
    onSuccess: async (answer) => {
      last.current = undefined;
      done?.(answer);
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    },
  });
  const send = (change: Change) => {
    const print = printOf(change);
    if (last.current?.print !== print) last.current = { print, key: newIdempotencyKey() };
    mutation.mutate({ ...change, key: last.current.key });
  };
  const { isPending, error, data, reset, isSuccess } = mutation;
  return { send, isPending, error, data, reset, isSuccess };
}

function printOf({ path, body, query }: Change): string {
  const shown = body instanceof Blob ? `${body.size} ${body.type}` : body;
  return JSON.stringify([path, shown, query], (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
