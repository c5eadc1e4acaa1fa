import type { ErrorRegistry } from '@keyturn/kernel';
import { Compile } from 'typebox/compile';
import { expect } from 'vitest';
import type { Answer } from './caller.ts';
import type { Operation } from './document.ts';
import type { FuzzRequest } from './requests.ts';

/** What must never leave the house in an answer: stacks, paths, statements, drivers, addresses. */
const inside = [
  /\bat (async )?\S+ \(.+:\d+:\d+\)/,
  /node_modules|file:\/\/|\.ts\b/,
  /\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b/i,
  /duplicate key|violates|relation "|syntax error at|invalid input syntax|invalid byte sequence/,
  /ECONN|EPIPE|ENOENT|127\.0\.0\.1:\d+|pg_|postgres/i,
  /Cannot read prop|is not a function|undefined|\[object Object\]/,
  /FST_ERR|RangeError|TypeError|SyntaxError|AssertionError/,
];

/**
 * Judges answers to one operation: an error is a problem with a registered code and nothing of the
 * inside; an answer is what the document promises.
 */
export function judgeOf(
  operation: Operation,
  errors: ErrorRegistry,
): (asked: FuzzRequest, answer: Answer) => void {
  const promised = new Map(
    Object.entries(operation.responses).flatMap(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return schema === undefined ? [] : [[Number(status), Compile({ ...schema })] as const];
    }),
  );
  return (asked, answer) => {
    const { status, type, text } = answer;
    if (status >= 400 && !(promised.has(status) && type.startsWith('application/json'))) {
      judgeProblem(asked, answer, errors);
      return;
    }
    // Another method of the same address is another operation, whose answers are judged there.
    const check = answer.method === operation.method ? promised.get(status) : undefined;
    if (check === undefined || text === '') return;
    const value: unknown = JSON.parse(text);
    expect(check.Check(value) ? [] : check.Errors(value), text).toEqual([]);
  };
}

function judgeProblem(
  asked: FuzzRequest,
  { status, type, text }: Answer,
  errors: ErrorRegistry,
): void {
  expect(type, text).toMatch(/^application\/problem\+json/);
  if (text === '') return; // To HEAD.
  const problem = JSON.parse(text);
  const definition = errors[problem.code];
  expect(definition, text).toBeDefined();
  expect(problem).toMatchObject({
    type: `/docs/errors/${problem.code}`,
    title: definition?.title,
    status: definition?.status,
    request_id: expect.stringMatching(/^req_/),
    retryable: definition?.retryable,
  });
  expect(problem.status).toBe(status);
  expect(problem.code, text).not.toBe('internal_error');
  expect(problem.detail, text).not.toMatch(/^\s*$/);
  // A sentence may say again what was sent; of our own it says nothing of the inside.
  const sent = JSON.stringify(asked);
  const leaks = inside.filter((pattern) => !pattern.test(sent) && pattern.test(problem.detail));
  expect(leaks, text).toEqual([]);
}
