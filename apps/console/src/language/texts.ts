import type { AppTexts } from '@keyturn/ui';
import { agreementTexts } from './agreement-texts.ts';
import { auditTerms } from './audit-terms.ts';
import { dealTexts } from './deal-texts.ts';
import { moneyTexts } from './money-texts.ts';
import { proofTexts } from './proof-texts.ts';
import { shellTexts } from './shell-texts.ts';
import { systemTexts } from './system-texts.ts';
import { terms } from './terms.ts';

/** Everything that the console says, in both languages. */
export const consoleTexts = {
  'zh-CN': {
    ...shellTexts['zh-CN'],
    ...agreementTexts['zh-CN'],
    ...dealTexts['zh-CN'],
    ...moneyTexts['zh-CN'],
    ...proofTexts['zh-CN'],
    ...systemTexts['zh-CN'],
    terms: { ...terms['zh-CN'], operations: auditTerms['zh-CN'] },
  },
  en: {
    ...shellTexts.en,
    ...agreementTexts.en,
    ...dealTexts.en,
    ...moneyTexts.en,
    ...proofTexts.en,
    ...systemTexts.en,
    terms: { ...terms.en, operations: auditTerms.en },
  },
} satisfies AppTexts;
