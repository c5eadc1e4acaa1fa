import { resolve } from 'node:path';

/**
 * How a process of the platform runs. Everything comes from the environment; nothing secret has a
 * default.
 */
export interface Config {
  /** Connection as the role that runs (keyturn_app). */
  readonly databaseUrl: string;
  /** Connection as the role that migrates; the same as `databaseUrl` on a simple foreign server. */
  readonly migrateUrl: string;
  readonly host: string;
  readonly port: number;
  /** Where keys and other files of this installation lie. */
  readonly dataDirectory: string;
  /** A time source to follow; undefined for the machine's clock. */
  readonly timeSource: string | undefined;
  readonly logLevel: string;
  /** The address at which the outside world reaches us: for call-backs and links to the cashier. */
  readonly publicUrl: string;
  readonly maxConnections: number;
}

/** A setting that is missing or not usable. The sentence says which and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const databaseUrl = required(env, 'DATABASE_URL', 'postgres://user:password@host:5432/keyturn');
  const port = integer(env, 'KEYTURN_PORT', 7070, 0, 65_535);
  const host = env['KEYTURN_HOST'] ?? '127.0.0.1';
  const logLevel = env['KEYTURN_LOG_LEVEL'] ?? 'info';
  if (!logLevels.includes(logLevel)) {
    throw new ConfigError(`KEYTURN_LOG_LEVEL is ${logLevel}; use one of ${logLevels.join(', ')}.`);
  }
  return {
    databaseUrl,
    migrateUrl: env['DATABASE_MIGRATE_URL'] ?? databaseUrl,
    host,
    port,
    dataDirectory: resolve(env['KEYTURN_DATA'] ?? '.keyturn'),
    timeSource: url(env, 'KEYTURN_TIME_SOURCE'),
    logLevel,
    publicUrl: url(env, 'KEYTURN_PUBLIC_URL') ?? `http://${host}:${port}`,
    maxConnections: integer(env, 'KEYTURN_MAX_CONNECTIONS', 12, 2, 200),
  };
}

function required(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  example: string,
): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new ConfigError(`${name} is not set. Set it, for example to ${example}.`);
  }
  return value;
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  minimum: number,
  maximum: number,
): number {
  const text = env[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new ConfigError(
      `${name} is "${text}"; use a whole number from ${minimum} to ${maximum}.`,
    );
  }
  return value;
}

function url(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const text = env[name];
  if (text === undefined) return undefined;
  if (!URL.canParse(text)) throw new ConfigError(`${name} is "${text}"; use a whole URL.`);
  return text.replace(/\/$/, '');
}
