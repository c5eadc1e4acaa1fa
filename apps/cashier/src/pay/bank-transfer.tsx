import { CopyButton, formatAmount, LoadingState, MoneyText, Notice } from '@keyturn/ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type AfterPaying, AfterPayingButtons } from './after-paying.tsx';
import type { Transfer } from './cashier.ts';

interface TransferProps extends AfterPaying {
  readonly transfer: Transfer | undefined;
  readonly part: boolean;
}

/** Where to transfer to, each line with a button that copies it. */
export function BankTransfer({ transfer, part, ...after }: TransferProps) {
  const { t } = useTranslation();
  const number = transfer?.account_number;
  const closed = transfer?.state === 'closing' || transfer?.state === 'closed';
  return (
    <div className="pay-step">
      <h2>{t('bank.title')}</h2>
      {closed ? <Notice tone="bad">{t('bank.closed')}</Notice> : null}
      {transfer === undefined || (number === undefined && !closed) ? (
        <>
          <Notice tone="progress">{t('bank.opening')}</Notice>
          <LoadingState />
        </>
      ) : (
        <Lines transfer={transfer} number={closed ? undefined : number} part={part} />
      )}
      <section className="pay-notes">
        <h3>{t('bank.notes')}</h3>
        <ul>
          <li>{t('bank.noteExact')}</li>
          <li>{t('bank.noteOnly')}</li>
          <li>{t('bank.noteOwner')}</li>
          <li>{t('bank.noteTime')}</li>
        </ul>
      </section>
      <AfterPayingButtons {...after} />
    </div>
  );
}

interface LinesProps {
  readonly transfer: Transfer;
  readonly number: string | undefined;
  /** Whether a part has arrived: what is named is the rest then. */
  readonly part: boolean;
}

function Lines({ transfer, number, part }: LinesProps) {
  const { t } = useTranslation();
  const amount = formatAmount(transfer.amount).replaceAll(',', '');
  const lines: readonly (readonly [name: string, copied: string, shown: ReactNode])[] = [
    ...(number === undefined ? [] : [[t('bank.account'), number, inFours(number)] as const]),
    [t('bank.holder'), transfer.holder_name, transfer.holder_name],
    [t('bank.name'), transfer.bank_name, transfer.bank_name],
    [t('bank.code'), transfer.bank_code, transfer.bank_code],
    [
      t(part ? 'bank.rest' : 'bank.amount'),
      amount,
      <MoneyText key="amount" money={transfer.amount} strong />,
    ],
  ];
  const all = lines.map(([name, copied]) => `${name}: ${copied}`).join('\n');
  return (
    <div>
      <dl className="pay-lines">
        {lines.map(([name, copied, shown]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{shown}</dd>
            <dd>
              <CopyButton text={copied} label={name} />
            </dd>
          </div>
        ))}
      </dl>
      <div className="pay-copy-all">
        <CopyButton text={all} label={t('bank.title')} caption={t('bank.copyAll')} />
      </div>
    </div>
  );
}

/** An account number in groups of four, as on a card; a screen reader says its digits. */
function inFours(number: string): ReactNode {
  const groups = number.match(/.{1,4}/g) ?? [];
  return (
    <span className="pay-account">
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same four digits may come twice
        <span key={index}>{group}</span>
      ))}
    </span>
  );
}
