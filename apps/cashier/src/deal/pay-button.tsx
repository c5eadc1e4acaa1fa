import { Notice, newIdempotencyKey, pickText, useErrorText, useLanguage } from '@keyturn/ui';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import * as v from 'valibot';
import { useApi } from '../api.ts';
import { rememberDeal } from '../deal-of-payment.ts';
import type { NextStep } from './deal-money.ts';

const LinkSchema = v.object({ token: v.string() });

/** From the deal to the cashier, for the party that has to pay an item. */
export function PayButton({ item }: { readonly item: NonNullable<NextStep['item']> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const open = useOpenPayment(item.key);
  return (
    <>
      <Button
        type="primary"
        aria-label={t('deal.payFor', { item: pickText(item.name, language) })}
        loading={open.isPending}
        onClick={() => open.mutate()}
      >
        {t('deal.pay')}
      </Button>
      {open.error === null ? null : <Failure error={open.error} />}
    </>
  );
}

function useOpenPayment(item: string) {
  const api = useApi();
  const navigate = useNavigate();
  const { token: deal } = useParams({ from: '/deal/$token' });
  // Pressing again after a failure repeats the same request: one order is made, not two.
  const key = useRef<string>(undefined);
  return useMutation({
    mutationFn: () => {
      key.current ??= newIdempotencyKey();
      const path = `/v1/deal-views/${encodeURIComponent(deal)}/items/${item}/cashier-sessions`;
      return api.post(path, { schema: LinkSchema, idempotencyKey: key.current });
    },
    onSuccess: async ({ token }) => {
      key.current = undefined;
      rememberDeal(token, deal);
      await navigate({ to: '/pay/$token', params: { token } });
    },
  });
}

function Failure({ error }: { readonly error: Error }) {
  const { title, detail } = useErrorText(error);
  return (
    <Notice tone="bad">
      <strong>{title}</strong>
      <p>{detail}</p>
    </Notice>
  );
}
