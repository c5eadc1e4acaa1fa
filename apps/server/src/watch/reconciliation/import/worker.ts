import { parentPort, workerData } from 'node:worker_threads';
import { present } from '@keyturn/kernel';
import { readPlain } from './plain.ts';

/** The reading thread: reads one file, then hands out its entries piece by piece as it is asked. */

interface Order {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly size: number;
}

const port = present(parentPort, 'the thread that asked');
const { bytes, name, size } = workerData as Order;
const reading = readPlain(bytes, name, size);
port.on('message', () => port.postMessage(reading.next()));
port.postMessage(reading.report);
