import { formatMoney, Notice, useErrorText } from '@keyturn/ui';
import { Button } from 'antd';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Cashier, Method } from './cashier.ts';
import { MethodSign } from './method-sign.tsx';
import { methodsFor } from './phase.ts';
import type { Pay } from './use-cashier.ts';

interface ChoiceProps {
  readonly cashier: Cashier;
  readonly pay: Pay;
  readonly begin: (method: Method) => void;
  readonly back: (() => void) | undefined;
  readonly after: 'nothing' | 'failed' | 'closed';
}

/** Radio buttons, grouped by the kind of account that the money comes from. */
export function MethodChoice({ cashier, pay, begin, back, after }: ChoiceProps) {
  const { t } = useTranslation();
  const offered = methodsFor(cashier.methods, matchMedia('(pointer: coarse)').matches);
  const [chosen, setChosen] = useState(offered[0]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen !== undefined) begin(chosen);
  };
  const groups = [
    { key: 'wechat', list: offered.filter((method) => method !== 'bank_transfer') },
    { key: 'bank', list: offered.filter((method) => method === 'bank_transfer') },
  ].filter(({ list }) => list.length > 0);
  if (offered[0] === 'bank_transfer') groups.reverse();
  return (
    <form className="pay-step" onSubmit={submit}>
      <h2>{t('pay.choose')}</h2>
      {after === 'nothing' ? null : (
        <Notice tone={after === 'failed' ? 'bad' : 'attention'}>{t(`pay.${after}Before`)}</Notice>
      )}
      {groups.map(({ key, list }) => (
        <fieldset key={key} className="pay-methods">
          <legend>{t(`method.${key}`)}</legend>
          {list.map((method) => (
            <MethodOption
              key={method}
              method={method}
              checked={chosen === method}
              choose={setChosen}
            />
          ))}
        </fieldset>
      ))}
      {pay.error === null ? null : <PayFailure error={pay.error} />}
      <Button
        block
        type="primary"
        size="large"
        htmlType="submit"
        loading={pay.isPending}
        disabled={chosen === undefined}
      >
        {t('pay.payAmount', { amount: formatMoney(cashier.remaining) })}
      </Button>
      {back === undefined ? null : (
        <Button block type="text" size="large" onClick={back}>
          {t('pay.back')}
        </Button>
      )}
    </form>
  );
}

interface OptionProps {
  readonly method: Method;
  readonly checked: boolean;
  readonly choose: (method: Method) => void;
}

function MethodOption({ method, checked, choose }: OptionProps) {
  const { t } = useTranslation();
  return (
    <label className="pay-method">
      <input type="radio" name="method" checked={checked} onChange={() => choose(method)} />
      <MethodSign method={method} />
      <span>
        <strong>{t(`method.${method}.name`)}</strong>
        <span className="pay-method-detail">{t(`method.${method}.detail`)}</span>
      </span>
    </label>
  );
}

/** Why it could not begin. The button below repeats the very same request. */
function PayFailure({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  const { title, detail, reference } = useErrorText(error);
  return (
    <Notice tone="bad">
      <strong>{title}</strong>
      <p>
        {detail} {reference === undefined ? t('pay.repeatSafe') : reference}
      </p>
    </Notice>
  );
}
