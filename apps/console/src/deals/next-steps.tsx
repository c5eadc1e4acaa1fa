import { AnythingSchema, MoneyText, pickText, useLanguage } from '@keyturn/ui';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import type { Deal, DealMoney, NextStep } from '../api/deals.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Decision } from '../parts/decision.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { type Change, useChange } from '../parts/use-change.ts';
import { useMayWrite } from '../session/session-context.ts';
import { ReleaseDecision } from './release-decision.tsx';

interface NextStepsProps {
  readonly deal: Deal;
  readonly money: DealMoney;
}

/** What has to happen next and who has to do it; what an operator can do is a button beside it. */
export function NextSteps({ deal, money }: NextStepsProps) {
  const text = useText();
  if (money.next.length === 0) return null;
  return (
    <Panel title={text('deals.next')} flush>
      <ol className="kc-next">
        {money.next.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
          <li key={`${step.key} ${index}`}>
            <StepText step={step} />
            <div className="kc-next-action">{actionOf(step, deal, money)}</div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function StepText({ step }: { readonly step: NextStep }) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  const { who } = step;
  const name = who.name === undefined ? term('actors', who.kind) : pickText(who.name, language);
  const subject = [step.release, step.condition, step.item]
    .flatMap((one) => (one === undefined ? [] : [pickText(one.name, language)]))
    .join(' · ');
  const to = step.to === undefined ? '' : ` → ${pickText(step.to.name, language)}`;
  return (
    <div>
      <strong>{term('steps', step.key)}</strong> {subject}
      {to}
      {step.amount === undefined ? null : (
        <>
          {' '}
          <MoneyText money={step.amount} strong />
        </>
      )}
      <div className="kc-muted kc-small">
        {text('deals.who', { name })}
        {step.order_id === undefined ? null : (
          <>
            {' · '}
            <ObjectLink id={step.order_id} />
          </>
        )}
      </div>
    </div>
  );
}

function actionOf(step: NextStep, deal: Deal, money: DealMoney): ReactNode {
  const path = `/v1/deals/${deal.id}`;
  switch (step.key) {
    case 'approve_release': {
      const release = money.releases.find(({ id }) => id === step.release_id);
      return release === undefined ? null : <ReleaseDecision release={release} />;
    }
    case 'approve_cancel':
      return <CancelDecision money={money} path={path} />;
    case 'request_release':
    case 'retry_release':
      return step.release === undefined ? null : (
        <Act step={step} change={{ path: `${path}/releases`, body: { key: step.release.key } }} />
      );
    case 'convert': {
      const body = { from: step.item?.key, to: step.to?.key, amount: step.amount };
      return <Act step={step} change={{ path: `${path}/conversions`, body }} />;
    }
    case 'open_order':
      return (
        <Act step={step} change={{ path: `${path}/items/${step.item?.key}/order`, body: {} }} />
      );
    case 'pay':
      return <PaymentLink step={step} />;
    case 'retry_refund':
      return <Act step={step} change={{ path: `${path}/refunds` }} />;
    case 'lift_freeze':
      return <Act step={step} change={{ path: `${path}/unfreeze` }} />;
    default:
      return null;
  }
}

/** For the payer, who has no account here. */
function PaymentLink({ step }: { readonly step: NextStep }) {
  const text = useText();
  const language = useLanguage();
  const mayWrite = useMayWrite();
  if (step.order_id === undefined || !mayWrite) return null;
  const subject = step.item === undefined ? '' : pickText(step.item.name, language);
  return (
    <LinkButton
      text={text('orders.link')}
      about={text('orders.linkAbout', { subject })}
      path={`/v1/orders/${step.order_id}/cashier-sessions`}
    />
  );
}

/** A step that needs no more than a yes; its dialog says once more what will happen. */
function Act({ step, change }: { readonly step: NextStep; readonly change: Change }) {
  const term = useTerm();
  const mayWrite = useMayWrite();
  const [open, setOpen] = useState(false);
  const sending = useChange(AnythingSchema, () => setOpen(false));
  if (!mayWrite) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{term('stepActions', step.key)}</Button>
      <Dialog
        open={open}
        title={term('stepActions', step.key)}
        action={term('stepActions', step.key)}
        busy={sending.isPending}
        error={sending.error}
        onSubmit={() => sending.send(change)}
        onClose={() => {
          sending.reset();
          setOpen(false);
        }}
      >
        <StepText step={step} />
      </Dialog>
    </>
  );
}

/** Lets the money of a failed deal go back; by another than who asked for it. */
function CancelDecision({ money, path }: { readonly money: DealMoney; readonly path: string }) {
  const text = useText();
  const language = useLanguage();
  const { failure } = money.deal;
  return (
    <Decision
      maker={failure?.asked_by}
      subject={text('deals.cancelApprove')}
      summary={
        <Facts
          facts={[
            { name: text('deals.held'), value: <MoneyText money={money.totals.held} strong /> },
            {
              name: text('deals.failureKind'),
              value: failure && pickText(failure.name, language),
            },
            { name: text('decision.reason'), value: failure?.reason },
            {
              name: text('money.maker'),
              value: failure?.asked_by && <Person of={failure.asked_by} />,
            },
          ]}
        />
      }
      approvePath={`${path}/cancel/approve`}
    />
  );
}
