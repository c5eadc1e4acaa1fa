export {
  formatStatementAmount,
  isStatementCurrency,
  minorDigitsOf,
  parseStatementAmount,
} from './currency.ts';
export { type BankMessageErrorCode, bankMessageErrors, type FileRefusal } from './errors.ts';
export { type Finding, type FindingCode, findingSentence } from './findings.ts';
export type * from './pain/order.ts';
export { readPain002 } from './pain/read-pain002.ts';
export type * from './pain/status-report.ts';
export { writePain001 } from './pain/write-pain001.ts';
export { readStatements } from './read-statements.ts';
export {
  type CheckedStatement,
  checkFile,
  reportStatements,
  type StatementReport,
} from './report.ts';
export type * from './statement.ts';
export type { BalanceFigures } from './verify/balance.ts';
export { type StatementCheck, verifyStatement } from './verify.ts';
export * from './xml/element.ts';
export { defaultXmlLimits, type XmlLimits } from './xml/guard.ts';
export { readXml, type XmlFile } from './xml/read.ts';
