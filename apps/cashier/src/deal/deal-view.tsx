import {
  Card,
  FlowPicture,
  formatInstant,
  Notice,
  pickText,
  StateSentence,
  TimeText,
  useLanguage,
} from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import { Conditions } from './conditions.tsx';
import type { DealMoney } from './deal-money.ts';
import { flowOf } from './flow.ts';
import { Items } from './items.tsx';
import { Movements } from './movements.tsx';
import { NextSteps } from './next-steps.tsx';
import { Story } from './story.tsx';
import { Where } from './where.tsx';

/** The money of a deal from the whole to the parts: what is where, what is next, how it came so. */
export function DealView({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const moved = money.releases.length + money.refunds.length + money.shortfalls.length > 0;
  return (
    <>
      <Head money={money} />
      <Alerts money={money} />
      <Card title={t('deal.where')}>
        <Where money={money} />
      </Card>
      <Card title={t('deal.next')}>
        <NextSteps money={money} />
      </Card>
      <Card title={t('deal.items')}>
        <Items money={money} />
      </Card>
      <Card title={t('deal.flow')}>
        <FlowPicture flow={flowOf(money.flow, language, t)} />
      </Card>
      {money.conditions.length === 0 ? null : (
        <Card title={t('deal.conditions')}>
          <Conditions conditions={money.conditions} />
        </Card>
      )}
      {moved ? (
        <Card title={t('deal.movements')}>
          <Movements money={money} />
        </Card>
      ) : null}
      <Card title={t('deal.story')}>
        <Story lines={money.timeline} />
      </Card>
    </>
  );
}

function Head({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { deal, viewer } = money;
  const account = viewer?.account;
  return (
    <section className="deal-head">
      <h1>{deal.title}</h1>
      <p className="deal-head-facts">
        <span>{deal.city}</span>
        <span>
          {t('deal.number')} {deal.number}
        </span>
        {deal.deadline === undefined ? null : (
          <span>
            {t('deal.deadline')} <TimeText at={deal.deadline} shape="date" />
          </span>
        )}
      </p>
      <div role="status" aria-live="polite">
        <StateSentence kind="deal" state={deal.state} />
      </div>
      {viewer === undefined ? null : (
        <p className="deal-viewer">
          {t('deal.viewer', { role: pickText(viewer.name, language) })}
          {account === undefined ? null : <span>{t('deal.account', { account })}</span>}
        </p>
      )}
    </section>
  );
}

/** What stops the ordinary course: a freeze, a failure. */
function Alerts({ money }: { readonly money: DealMoney }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { freeze, failure } = money.deal;
  const frozen = money.items.filter(({ key }) => freeze?.items.includes(key));
  const items = frozen.map(({ name }) => pickText(name, language));
  const list = items.join(language === 'en' ? ', ' : '、');
  const until = freeze?.until;
  return (
    <>
      {freeze === undefined ? null : (
        <Notice tone="bad">
          {items.length === 0 ? t('deal.frozen') : t('deal.frozenItems', { items: list })}{' '}
          {until === undefined
            ? null
            : t('deal.frozenUntil', { time: formatInstant(until, language) })}
        </Notice>
      )}
      {failure === undefined ? null : (
        <Notice tone="attention">
          {t('deal.failure', { name: pickText(failure.name, language) })}
        </Notice>
      )}
    </>
  );
}
