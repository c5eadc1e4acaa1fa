/**
 * A program that starts a server and waits, for tests that kill it: `node starter.ts <directory>`.
 * Prints one line of JSON, `{ pid, port, adopted }`, when the server is ready.
 */
import { startPostgres } from '../src/index.ts';

const [directory = ''] = process.argv.slice(2);
const server = await startPostgres({ dataDirectory: directory, durable: false });
const { pid, adopted, connection } = server;
process.stdout.write(`${JSON.stringify({ pid, adopted, port: connection.port })}\n`);
process.stdin.resume();
