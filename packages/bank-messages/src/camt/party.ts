import type { Agent, Party, PartyAccount } from '../statement.ts';
import { at, child, childrenOf, textAt, textsOf, type XmlElement } from '../xml/element.ts';

/** An IBAN, a BBAN or a bank's own number; version 01 has its own element for the last. */
export function accountIds(account: XmlElement | undefined): {
  readonly iban: string | undefined;
  readonly other: string | undefined;
} {
  const id = child(account, 'Id');
  const iban = textAt(id, 'IBAN')?.replace(/\s+/g, '');
  const other =
    textAt(id, 'Othr', 'Id') ??
    textAt(id, 'BBAN') ??
    textAt(id, 'UPIC') ??
    textAt(id, 'PrtryAcct', 'Id') ??
    textAt(account, 'Prxy', 'Id');
  return { iban, other };
}

export function readPartyAccount(account: XmlElement | undefined): PartyAccount | undefined {
  const { iban, other } = accountIds(account);
  const id = iban ?? other;
  if (id === undefined) return undefined;
  return { id, iban, currency: textAt(account, 'Ccy'), name: textAt(account, 'Nm') };
}

/** A bank below an agent element (`DbtrAgt`, `Svcr`); undefined when it says nothing. */
export function readAgent(agent: XmlElement | undefined): Agent | undefined {
  const bank = child(agent, 'FinInstnId');
  if (bank === undefined) return undefined;
  const member = child(bank, 'ClrSysMmbId');
  const read: Agent = {
    bic: textAt(bank, 'BICFI') ?? textAt(bank, 'BIC'),
    clearingMember: textAt(member, 'MmbId') ?? textAt(member, 'Id'),
    clearingSystem: textAt(member, 'ClrSysId', 'Cd') ?? textAt(member, 'ClrSysId', 'Prtry'),
    name: textAt(bank, 'Nm') ?? textAt(bank, 'NmAndAdr', 'Nm'),
  };
  return Object.values(read).some((value) => value !== undefined) ? read : undefined;
}

function otherIds(party: XmlElement): readonly string[] {
  const choices = [at(party, 'Id', 'OrgId'), at(party, 'Id', 'PrvtId')];
  return choices.flatMap((choice) =>
    [...childrenOf(choice, 'Othr'), ...childrenOf(choice, 'PrtryId')].flatMap((other) =>
      textsOf(other, 'Id'),
    ),
  );
}

/**
 * A party: directly (versions 01 to 07), below Pty, or a bank in the party's place below Agt
 * (version 08 and later).
 */
export function readParty(holder: XmlElement | undefined): Party | undefined {
  if (holder === undefined) return undefined;
  const agent = child(holder, 'Agt');
  if (agent !== undefined) {
    const bank = readAgent(agent);
    const address = at(agent, 'FinInstnId', 'PstlAdr');
    return { name: bank?.name, bic: bank?.bic, ids: [], addressLines: textsOf(address, 'AdrLine') };
  }
  const party = child(holder, 'Pty') ?? holder;
  const organisation = at(party, 'Id', 'OrgId');
  return {
    name: textAt(party, 'Nm'),
    bic:
      textAt(organisation, 'AnyBIC') ??
      textAt(organisation, 'BICOrBEI') ??
      textAt(organisation, 'BIC'),
    ids: otherIds(party),
    addressLines: textsOf(child(party, 'PstlAdr'), 'AdrLine'),
  };
}
