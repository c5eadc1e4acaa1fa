import { createClient } from '@keyturn/contract';

/** Takes a deposit of 50,000.00 yuan: who gets it, what is owed, and a page to pay it on. */
export async function takeDeposit(baseUrl: string, apiKey: string): Promise<string> {
  const keyturn = createClient({ baseUrl, apiKey });

  const store = await keyturn.POST('/v1/merchants', {
    body: { name: '望京一店', kind: 'store' },
  });
  if (store.error) throw new Error(`${store.error.code}: ${store.error.detail}`);

  // The key is the caller's own name for this order: sent again, it makes no second one.
  const order = await keyturn.POST('/v1/orders', {
    params: { header: { 'Idempotency-Key': 'deposit-2026-0117' } },
    body: {
      amount: { amount: 5_000_000, currency: 'CNY' },
      purpose: 'deposit',
      subject: '定金 望京西园 2-301',
      destination: { merchant_id: store.data.id },
      methods: ['wechat_native', 'bank_transfer'],
    },
  });
  if (order.error) throw new Error(`${order.error.code}: ${order.error.detail}`);

  const page = await keyturn.POST('/v1/orders/{id}/cashier-sessions', {
    params: { path: { id: order.data.id } },
  });
  if (page.error) throw new Error(`${page.error.code}: ${page.error.detail}`);
  return page.data.url;
}
