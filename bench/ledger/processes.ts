import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Booked, CallerLoad, CallerPlace } from './booked.ts';

/**
 * A process of callers. It books whenever it is told, and lives on in between, as the processes
 * of an installation do: one that had just started would be measured while its code is compiled.
 */
export interface Callers<Load> {
  /** Warms up, then books for the time that the load says. */
  book(load: Load): Promise<Booked>;
  stop(): Promise<void>;
}

/** @param place what the program is told once, as JSON in its one argument */
export function startCallers<Load extends object>(program: string, place: object): Callers<Load> {
  const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(place)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    book: (load) => {
      const lost = ended.then(([code]): never => {
        throw new Error(`A process of callers ended with ${code}.`);
      });
      const answered = once(child, 'message').then(([booked]) => booked as Booked);
      child.send(load);
      return Promise.race([answered, lost]);
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In a process of callers: does what it is told, until nobody is there to tell it. */
export function obey<Load>(book: (load: Load) => Promise<Booked>, close?: () => Promise<void>) {
  process.on('message', (load: Load) => {
    void book(load).then((booked) => process.send?.(booked));
  });
  process.once('disconnect', () => void close?.());
}

/** Several processes with the ledger's door on one database. */
export interface Doors {
  /** So many of them at once, each with all of the load's callers. */
  together(processes: number, load: CallerLoad): Promise<Booked>;
  stop(): Promise<void>;
}

export function openDoors(processes: number, place: CallerPlace): Doors {
  const program = join(import.meta.dirname, 'caller.ts');
  const doors = Array.from({ length: processes }, () => startCallers<CallerLoad>(program, place));
  return {
    together: async (count, load) => {
      const all = await Promise.all(doors.slice(0, count).map((door) => door.book(load)));
      return {
        transfers: all.reduce((sum, { transfers }) => sum + transfers, 0),
        perSecond: all.reduce((sum, { perSecond }) => sum + perSecond, 0),
      };
    },
    stop: async () => {
      for (const door of doors) await door.stop();
    },
  };
}
