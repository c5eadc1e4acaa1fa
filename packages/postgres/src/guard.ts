import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Waits for its standard input to close, which happens when the process that holds the other end is
 * gone for whatever reason, kill -9 included. Then it asks the server for a fast shutdown, if the
 * process is still the server of this data directory. A server that has just been started may need
 * a moment before it writes its file, hence the second look.
 */
const script = `
read -r _
for look in 1 2; do
  if read -r pid < "$2/postmaster.pid"; then
    if [ "$pid" = "$1" ]; then kill -INT "$1"; fi
    exit
  fi
  sleep 2
done
`;

/**
 * Ties the server's life to this process, so that no server is ever left behind. The guard has a
 * session of its own: Ctrl-C at the terminal must not reach it.
 */
export function guard(pid: number, data: string): { release(): void } {
  const child = spawn('/bin/sh', ['-c', script, 'sh', String(pid), data], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard the server still works; only a kill -9 of this process would leave it running.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return { release: () => void child.kill('SIGKILL') };
}
