import { toJson } from '@keyturn/pipeline';
import type { CredentialStore } from '../../banks/channels/index.ts';
import { StartError } from './installation.ts';
import {
  acquirerContracts,
  acquirerFeeBps,
  bankClient,
  bankContractId,
  bankKinds,
  custodyAccounts,
  openingBalances,
} from './world.ts';

/**
 * Enrols the platform at the simulated acquirer and bank over their administration: what
 * contracts on paper and an exchange of keys are in the real world. Doing it again changes
 * nothing.
 *
 * @returns the serial numbers of our merchant certificates, by contract
 */
export async function enrolAtSandbox(options: {
  readonly admin: string;
  readonly publicUrl: string;
  readonly credentials: CredentialStore;
}): Promise<ReadonlyMap<string, string>> {
  const { admin, credentials, publicUrl } = options;
  const serials = new Map<string, string>();
  await enrolAtBank(admin, credentials, publicUrl);
  for (const contract of acquirerContracts) {
    const ours = await credentials.makeCredentials(contract.id, { apiV3Key: true });
    const settlement = custodyAccounts.find((account) => account.id === contract.settlesTo);
    const theirs = await post(`${admin}/acquirer/merchants`, {
      mchid: contract.mchid,
      name: '钥转 Keyturn',
      appid: contract.appid,
      api_v3_key: ours.apiV3Key,
      certificate_serial: ours.certificateSerial,
      public_key_pem: ours.publicKeyPem,
      fee_bps: acquirerFeeBps,
      fee_mode: 'net',
      settlement_account: settlement?.number ?? null,
    });
    await credentials.storePeer(contract.id, { pem: text(theirs, 'platform_certificate_pem') });
    serials.set(contract.id, ours.certificateSerial);
  }
  return serials;
}

async function enrolAtBank(
  admin: string,
  credentials: CredentialStore,
  publicUrl: string,
): Promise<void> {
  const ours = await credentials.makeCredentials(bankContractId);
  const theirs = await post(`${admin}/bank/clients`, {
    client_id: bankClient.id,
    name: bankClient.name,
    public_key_pem: ours.publicKeyPem,
    notify_url: `${publicUrl}/v1/notifications/${bankContractId}`,
  });
  await credentials.storePeer(bankContractId, {
    pem: text(theirs, 'bank_public_key_pem'),
    keyId: text(theirs, 'bank_key_id'),
    caPem: text(theirs, 'ca_pem'),
  });
  for (const account of custodyAccounts) {
    await post(`${admin}/bank/accounts`, {
      client_id: bankClient.id,
      account: account.number,
      name: account.name,
      kind: bankKinds[account.id],
      currency: account.currency,
      opening_balance: openingBalances[account.id] ?? 0n,
    });
  }
}

async function post(url: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: toJson(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null) {
    const said = JSON.stringify(answer).slice(0, 300);
    throw new StartError(`The simulated world refused our enrolment at ${url}: ${said}`);
  }
  return answer as Readonly<Record<string, unknown>>;
}

function text(answer: Readonly<Record<string, unknown>>, field: string): string {
  const value = answer[field];
  if (typeof value !== 'string') {
    throw new StartError(`The simulated world's answer to our enrolment has no ${field}.`);
  }
  return value;
}
