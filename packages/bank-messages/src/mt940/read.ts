import { err, ok, type Result } from '@keyturn/kernel';
import { type FileRefusal, fileRefusal } from '../errors.ts';
import type { Problems } from '../problems.ts';
import type { Statement, StatementFile, StatementFormat } from '../statement.ts';
import { type MtMessage, messageType, splitMessages } from './message.ts';
import { readMtStatement } from './statement.ts';

const formats: Readonly<Record<string, StatementFormat>> = {
  '940': 'mt940',
  '941': 'mt941',
  '942': 'mt942',
  '950': 'mt950',
};

/** Whether text holds fields of an MT statement. */
export function looksLikeMt(text: string): boolean {
  return /^(?:\{4:)?:(?:20|25P?|28C?|60[FM]|61|62[FM]|64|65|34F|90[CD]|NS):/m.test(text);
}

function otherMessage(message: MtMessage): string | undefined {
  const type = messageType(message);
  if (Object.hasOwn(formats, type)) return undefined;
  const names: Readonly<Record<string, string>> = {
    '900': 'an MT900 confirmation of debit',
    '910': 'an MT910 confirmation of credit',
  };
  return names[type] ?? `an MT${type} message`;
}

/** Reads all messages of an MT file. One that cannot be used refuses the file. */
export function readMt(
  text: string,
  encoding: string,
  problems: Problems,
): Result<StatementFile, FileRefusal> {
  const messages = splitMessages(text);
  const other = messages.map(otherMessage).find((what) => what !== undefined);
  if (other !== undefined) {
    const place = { line: messages[0]?.line };
    return err(fileRefusal('not_a_statement', problems.file, place, { what: other }));
  }
  const statements: Statement[] = [];
  for (const message of messages) {
    const format = formats[messageType(message)] ?? 'mt940';
    const statement = readMtStatement(message, format, problems);
    if (statement !== undefined) statements.push(statement);
  }
  const refusal = problems.refusal();
  if (refusal !== undefined) return err(refusal);
  const first = statements[0];
  if (first === undefined) {
    const what = 'there is no MT message';
    return err(fileRefusal('nothing_inside', problems.file, {}, { what }));
  }
  const { format, version } = first;
  return ok({ fileName: problems.file, format, version, encoding, statements });
}
