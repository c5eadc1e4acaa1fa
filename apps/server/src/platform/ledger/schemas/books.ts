import { regimes } from '@keyturn/ledger';
import { Type } from 'typebox';
import { BookIdSchema, exact, limits } from './shared.ts';

export const NewBookSchema = Type.Object(
  {
    legal_entity: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      description: 'Your own name for whose balance sheet it is on',
      examples: ['shop'],
    }),
    regime: Type.Enum([...regimes], { description: 'Whose money, and under which supervision' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217', examples: ['CNY'] }),
  },
  { ...exact, title: 'NewLedgerBook' },
);

export const BookSchema = Type.Object(
  {
    id: BookIdSchema,
    legal_entity: Type.String(),
    regime: Type.Enum([...regimes]),
    currency: Type.String(),
    memo: Type.Boolean({ description: 'Shown, but on no balance sheet of the entity' }),
    keeper: Type.Union([Type.String(), Type.Null()], {
      description: 'The integrator who writes into it; null for the books of the platform',
    }),
  },
  { title: 'LedgerBook', description: 'Transfers stay within one book' },
);

export const CodeLineSchema = Type.Object(
  {
    code: Type.Integer(),
    name: Type.Object({ en: Type.String(), zh: Type.String() }),
    class: Type.Enum(['asset', 'liability', 'income', 'expense'], {
      description: 'Balances of assets and expenses grow by debits, the others by credits',
    }),
    limit: Type.Enum([...limits], {
      description: 'What accounts of this code may not do; where it is none, an account may say',
    }),
  },
  { title: 'LedgerCode', description: 'A line of the chart of accounts' },
);

const NameSchema = Type.String({ minLength: 1, maxLength: 80 });

export const NewCodeSchema = Type.Object(
  {
    code: Type.Integer({
      description:
        '1500 to 1999 for assets, 2500 to 2999 for liabilities, 4500 to 4999 for income, 5500 to 5999 for expenses',
    }),
    name: Type.Object({ en: NameSchema, zh: NameSchema }),
    limit: Type.Enum([...limits], {
      description: 'What accounts of this code may not do; where it is none, an account may say',
    }),
  },
  { title: 'NewLedgerCode', description: 'A code of your own for the chart of accounts' },
);
