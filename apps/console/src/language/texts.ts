import type { AppTexts } from '@keyturn/ui';
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
    ...dealTexts['zh-CN'],
    ...moneyTexts['zh-CN'],
    ...proofTexts['zh-CN'],
    ...systemTexts['zh-CN'],
    terms: terms['zh-CN'],
  },
  en: {
    ...shellTexts.en,
    ...dealTexts.en,
    ...moneyTexts.en,
    ...proofTexts.en,
    ...systemTexts.en,
    terms: terms.en,
  },
} satisfies AppTexts;
