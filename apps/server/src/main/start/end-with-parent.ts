import { Socket } from 'node:net';

/**
 * Loaded before the script of a child process: ends it when whoever started it is gone, however
 * that ended, so that no process of the tree is left behind. The parent holds the other end of
 * descriptor 3.
 */
const parent = new Socket({ fd: 3, readable: true, writable: false });
const end = () => process.kill(process.pid, 'SIGTERM');
parent.on('end', end);
parent.on('error', end);
parent.resume();
parent.unref();
