import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface AfterPaying {
  /** Undefined when there is no other way. */
  readonly another: (() => void) | undefined;
  readonly checking: boolean;
  readonly check: () => Promise<void>;
}

/** For who has paid and wants to see it now, and for who would rather pay another way. */
export function AfterPayingButtons({ another, checking, check }: AfterPaying) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'no' | 'asking' | 'answered'>('no');
  const ask = async () => {
    setAsked('asking');
    await check();
    setAsked('answered');
  };
  return (
    <div className="pay-after">
      <Button block size="large" loading={asked === 'asking' && checking} onClick={ask}>
        {t('pay.checked')}
      </Button>
      <p role="status" className="pay-advice">
        {asked === 'answered' ? t('pay.stillWaiting') : ''}
      </p>
      {another === undefined ? null : (
        <Button block type="text" size="large" onClick={another}>
          {t('pay.another')}
        </Button>
      )}
    </div>
  );
}
