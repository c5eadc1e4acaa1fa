import { type Language, MoneyText, pickText, StatusArt, useLanguage } from '@keyturn/ui';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { DealMoney, NextStep } from './deal-money.ts';
import { PayButton } from './pay-button.tsx';

const over = new Set(['released', 'refunded', 'canceled']);

/** What has to be done and by whom; the reader's own part first. */
export function NextSteps({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const mine = money.next.filter((step) => step.mine);
  const others = money.next.filter((step) => !step.mine);
  if (money.next.length === 0) {
    const done = over.has(money.deal.state);
    return (
      <p className="deal-nothing">
        <StatusArt kind={done ? 'good' : 'neutral'} />
        {done ? t('deal.nextOver') : t('deal.nextNothing')}
      </p>
    );
  }
  return (
    <div className="deal-next">
      {mine.length === 0 ? null : <Steps name={t('deal.nextMine')} steps={mine} mine />}
      {others.length === 0 ? null : <Steps name={t('deal.nextOthers')} steps={others} />}
    </div>
  );
}

interface StepsProps {
  readonly name: string;
  readonly steps: readonly NextStep[];
  readonly mine?: boolean;
}

function Steps({ name, steps, mine }: StepsProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <section className={mine ? 'deal-steps deal-steps-mine' : 'deal-steps'}>
      <h3>{name}</h3>
      <ul>
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place
          <li key={index}>
            <span>{stepSentence(step, language, t)}</span>
            {step.amount === undefined ? null : <MoneyText money={step.amount} strong />}
            {mine && payable.has(step.key) && step.item !== undefined ? (
              <PayButton item={step.item} />
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What its reader does on this page's own buttons. */
const payable = new Set(['pay', 'open_order']);

const known = new Set([
  'agree',
  'open_order',
  'pay',
  'convert',
  'bring_evidence',
  'request_release',
  'approve_release',
  'approve_cancel',
  'bank_pays',
  'channel_refunds',
  'retry_release',
  'retry_refund',
  'settle_shortfall',
  'lift_freeze',
]);

/** A step as a sentence. One that we have no words for is shown by its key. */
export function stepSentence(step: NextStep, language: Language, t: TFunction): string {
  const { who } = step;
  const name = (named: { readonly name: { zh: string; en: string } } | undefined) =>
    named === undefined ? '' : pickText(named.name, language);
  const role = who.name === undefined ? '' : pickText(who.name, language);
  const person = step.mine ? t('who.you') : role;
  return t(known.has(step.key) ? `next.${step.key}` : 'next.other', {
    who: who.kind === 'role' ? person : t(`who.${who.kind}`),
    key: step.key,
    item: name(step.item),
    to: name(step.to),
    release: name(step.release),
    condition: name(step.condition),
  });
}
