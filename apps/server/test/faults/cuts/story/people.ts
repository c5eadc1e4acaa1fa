import type { Cast, Parties } from '../../../../src/main/demo/cast.ts';
import { operator } from '../../../../src/main/demo/client.ts';
import type { TestWorld } from '../../../world.ts';

const bank = { bank_code: '102100099996', bank_name: '中国工商银行' };

/** An account that the buyer has, has no more, and one that the bank pays to and money returns. */
export async function changeAccounts({ api, run }: Cast, { buyer }: Parties): Promise<string> {
  const left = { owner_id: buyer, number: '6222020200443322116', ...bank };
  const { id } = await api.post('/v1/bank-accounts', left, `${run}-account-left`);
  await api.post(`/v1/bank-accounts/${id}/disable`, {}, `${run}-account-disable`);
  const closed = { owner_id: buyer, number: '6222020200777779999', ...bank };
  return (await api.post('/v1/bank-accounts', closed, `${run}-account-closed`)).id;
}

/** Somebody comes to work for the operator and leaves; an integrator gets a key and loses it. */
export async function changeStaff({ url, secrets }: TestWorld, { run }: Cast): Promise<void> {
  const admin = operator(url, 'admin', secrets.operators['admin'] ?? '');
  const person = {
    username: `guest-${run}`,
    name: '新同事',
    password: 'long enough for a guest 9',
    roles: ['viewer'],
  };
  const { id } = await admin.post('/v1/operators', person, `${run}-operator`);
  await admin.post(`/v1/operators/${id}/disable`, {}, `${run}-operator-disable`);
  const key = await admin.post('/v1/api-keys', { name: `guest ${run}` }, `${run}-key`);
  await admin.post(`/v1/api-keys/${key.api_key.id}/revoke`, {}, `${run}-key-revoke`);
}
