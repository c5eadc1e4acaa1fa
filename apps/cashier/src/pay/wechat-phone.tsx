import type { Money } from '@keyturn/ui';
import { MoneyText } from '@keyturn/ui';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type AfterPaying, AfterPayingButtons } from './after-paying.tsx';
import { MethodSign } from './method-sign.tsx';

interface PhoneProps extends AfterPaying {
  readonly amount: Money;
  readonly h5Url: string;
}

/** A button that opens WeChat on this phone. */
export function WechatPhone({ amount, h5Url, ...after }: PhoneProps) {
  const { t } = useTranslation();
  return (
    <div className="pay-step pay-step-center">
      <h2>{t('h5.title')}</h2>
      <MethodSign method="wechat_h5" />
      <MoneyText money={amount} strong />
      <p className="pay-advice">{t('h5.advice')}</p>
      <Button block type="primary" size="large" href={h5Url} rel="noreferrer">
        {t('h5.open')}
      </Button>
      <AfterPayingButtons {...after} />
    </div>
  );
}
