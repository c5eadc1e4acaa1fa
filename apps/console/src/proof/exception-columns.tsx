import { StateTag, TimeText } from '@keyturn/ui';
import type { Exception } from '../api/reconciliation.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { ObjectLink } from '../parts/object-link.tsx';
import { Person } from '../parts/person.tsx';
import type { Column } from '../parts/record-table.tsx';
import { SignedMoney } from './signed-money.tsx';
import { useSubject } from './subject.ts';

/** How an exception looks in a list. */
export function useExceptionColumns(): readonly Column<Exception>[] {
  const text = useText();
  const term = useTerm();
  const subjectText = useSubject();
  return [
    {
      key: 'kind',
      title: text('exceptions.kind'),
      head: true,
      cell: ({ id, kind, subject }) => (
        <>
          <ObjectLink id={id} text={term('exceptionKinds', kind)} />
          <div className="kc-muted kc-small">{subjectText(subject)}</div>
        </>
      ),
    },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: ({ amount, currency }) => <SignedMoney amount={amount} currency={currency} strong />,
    },
    {
      key: 'where',
      title: text('exceptions.where'),
      cell: (exception) => exception.account_id ?? exception.contract_id,
    },
    { key: 'day', title: text('exceptions.day'), tight: true, cell: ({ day }) => day },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ state }) => <StateTag kind="exception" state={state} />,
    },
    {
      key: 'owner',
      title: text('exceptions.owner'),
      cell: ({ owner }) =>
        owner === undefined ? (
          <span className="kc-muted">{text('exceptions.nobody')}</span>
        ) : (
          <Person of={owner} />
        ),
    },
    {
      key: 'deadline',
      title: text('exceptions.deadline'),
      tight: true,
      cell: ({ deadline, overdue }) => (
        <>
          <TimeText at={deadline} />
          {overdue ? <div className="kc-overdue">{text('exceptions.overdue')}</div> : null}
        </>
      ),
    },
  ];
}
