import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  http(method: string, route: string, status: number, durationMs: number): void;
  batch(figures: { name: string; size: number; durationMs: number }): void;
  /** How one call to a channel ended. */
  channelCall(channel: string, operation: string, outcome: string, durationMs: number): void;
  /** A figure that is read when it is asked for, such as a lag or a queue's length. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void;
  /** A figure that only grows, one for each value of its label. */
  counter(name: string, help: string, label: string): (value: string, by?: number) => void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** Prometheus metrics of one process. Durations in seconds, as Prometheus wants them. */
export function createMetrics(process: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'keyturn_http_request_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  const batchSize = new Histogram({
    name: 'keyturn_command_batch_size',
    help: 'Commands carried out in one transaction',
    labelNames: ['command'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers: [registry],
  });
  const batchSeconds = new Histogram({
    name: 'keyturn_command_batch_seconds',
    help: 'Duration of a batch from its first statement to its commit',
    labelNames: ['command'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  const calls = new Counter({
    name: 'keyturn_channel_calls_total',
    help: 'Calls to acquirers and banks by how they ended',
    labelNames: ['channel', 'operation', 'outcome'],
    registers: [registry],
  });
  const callSeconds = new Histogram({
    name: 'keyturn_channel_call_seconds',
    help: 'Duration of calls to acquirers and banks',
    labelNames: ['channel', 'operation'],
    buckets: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  });
  return {
    http: (method, route, status, durationMs) =>
      requests.observe({ method, route, status }, durationMs / 1000),
    batch: ({ name, size, durationMs }) => {
      batchSize.observe({ command: name }, size);
      batchSeconds.observe({ command: name }, durationMs / 1000);
    },
    channelCall: (channel, operation, outcome, durationMs) => {
      calls.inc({ channel, operation, outcome });
      callSeconds.observe({ channel, operation }, durationMs / 1000);
    },
    gauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },
    counter: (name, help, label) => {
      const counted = new Counter({ name, help, labelNames: [label], registers: [registry] });
      return (value, by) => counted.inc({ [label]: value }, by ?? 1);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
