import pino, { type Logger } from 'pino';

/**
 * Log lines carry ids, never people, secrets or card numbers. Redaction is the second line of
 * defence.
 */
const redacted = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'name',
  'phone',
  'id_number',
  'account_number',
  'card_number',
].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

export function createLogger(process: string, level: string): Logger {
  return pino({
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redacted, censor: '[redacted]' },
    serializers: { err: describeError },
  });
}

/** An error without what a database or a channel might have put into it of people's data. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { type: error.name, message: error.message, code, cause, stack: error.stack };
}
