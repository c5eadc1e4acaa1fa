import { Notice } from '@keyturn/ui';
import * as v from 'valibot';
import { ActorShape } from '../api/shapes.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { AccountName } from '../parts/account-name.tsx';
import { Facts } from '../parts/facts.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Person } from '../parts/person.tsx';
import { SignedMoney } from './signed-money.tsx';
import './exception.css';

type Record = Readonly<{ [key: string]: unknown }>;

interface EvidenceProps {
  readonly evidence: Record;
  /** Of the amounts in it, which are named `…_minor`. */
  readonly currency?: string | undefined;
}

/** Facts that the server keeps as it found them, by their names. Ids lead to what they name. */
export function Evidence({ evidence, currency }: EvidenceProps) {
  const text = useText();
  const term = useTerm();
  const entries = Object.entries(evidence);
  if (entries.length === 0) return <p className="kc-muted">{text('exceptions.noEvidence')}</p>;
  return (
    <Facts
      facts={entries.map(([key, value]) => ({
        name: term('evidence', key.replace(/_minor$/, '')),
        value:
          key.endsWith('_minor') && isMinor(value) ? (
            <SignedMoney amount={BigInt(value)} currency={currency} />
          ) : (
            <EvidenceValue value={value} />
          ),
      }))}
    />
  );
}

function EvidenceValue({ value }: { readonly value: unknown }) {
  if (typeof value === 'string') {
    return /^[a-z]+_[0-9a-z]{26}$/.test(value) ? <ObjectLink id={value} /> : value;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  if (value === null || value === undefined) return '—';
  if (v.is(ActorShape, value)) return <Person of={value} />;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
    return value.map((one) => <div key={one}>{one}</div>);
  }
  if (isRecord(value) && !Array.isArray(value)) return <Nested of={value} />;
  return <code className="kc-json">{jsonOf(value)}</code>;
}

function Nested({ of: record }: { readonly of: Record }) {
  const term = useTerm();
  return (
    <dl className="kc-plain">
      {Object.entries(record).map(([key, value]) => (
        <div key={key}>
          <dt>{term('evidence', key)}</dt>
          <dd>
            <EvidenceValue value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function isMinor(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function jsonOf(value: unknown): string {
  const whole = (_key: string, one: unknown) => (typeof one === 'bigint' ? one.toString() : one);
  return JSON.stringify(value, whole, 1);
}

/** How somebody wants a difference to end: with a journal, or with a note alone. */
export function ProposalView({ proposal }: { readonly proposal: Record }) {
  const text = useText();
  const { note, journal } = proposal;
  return (
    <Notice tone="attention">
      <strong>{text('exceptions.proposal')}</strong>
      <p>{typeof note === 'string' ? note : ''}</p>
      {isJournal(journal) ? (
        <p className="kc-proposed">
          <span>
            {text('journals.debit')} <AccountName {...journal.debit} />
          </span>
          <span>
            {text('journals.credit')} <AccountName {...journal.credit} />
          </span>
        </p>
      ) : (
        <p>{text('exceptions.noJournal')}</p>
      )}
    </Notice>
  );
}

interface Side {
  readonly code: number;
  readonly owner: string;
}

function isJournal(value: unknown): value is { readonly debit: Side; readonly credit: Side } {
  return isRecord(value) && isSide(value['debit']) && isSide(value['credit']);
}

function isSide(value: unknown): value is Side {
  return isRecord(value) && typeof value['code'] === 'number' && typeof value['owner'] === 'string';
}

function isRecord(value: unknown): value is Record {
  return typeof value === 'object' && value !== null;
}
