export * from './schemas/accounts.ts';
export * from './schemas/books.ts';
export * from './schemas/holds.ts';
export * from './schemas/journals.ts';
export * from './schemas/seals.ts';
export { BookIdSchema, pageOf, problems, UuidSchema } from './schemas/shared.ts';
