/** One JSON line per event. Requests are not logged one by one: a benchmark would feel it. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Errors become their stack, since JSON would leave nothing of them. */
function plain(_name: string, value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value;
}

export function createLogger(write: (line: string) => void): Logger {
  const line = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    write(`${JSON.stringify({ level, message, ...fields }, plain)}\n`);
  return { info: line('info'), warn: line('warn'), error: line('error') };
}
