import { join } from 'node:path';
import { type Clock, type ErrorRegistry, encodeId } from '@keyturn/kernel';
import { createSubmitter, submitThrough } from '@keyturn/ledger';
import { type Database, openDatabase } from '@keyturn/pipeline';
import type { Logger } from 'pino';
import {
  type ChannelsService,
  channelsPollers,
  createChannelsService,
  createCredentialStore,
} from '../banks/channels/index.ts';
import {
  type CustodyService,
  createCustodyService,
  createReceiptsUnit,
  custodyPollers,
} from '../banks/custody/index.ts';
import {
  createEscrowService,
  type EscrowService,
  escrowConsumers,
  escrowPollers,
  escrowReferences,
} from '../flows/escrow/index.ts';
import {
  createSettlementService,
  type SettlementService,
  settlementConsumers,
  settlementPollers,
  topUpReference,
} from '../flows/settlement/index.ts';
import {
  createPaymentsService,
  type PaymentsService,
  paymentsConsumers,
  paymentsPollers,
} from '../movement/payments/index.ts';
import {
  createPayoutsService,
  type PayoutsService,
  payoutsConsumers,
  payoutsPollers,
} from '../movement/payouts/index.ts';
import {
  type CommandRunner,
  type Config,
  type Consumer,
  createBell,
  createCommandRunner,
  createExpiryPoller,
  createJobs,
  createLedgerService,
  createLogger,
  createMetrics,
  createOutbox,
  createSealer,
  createSealingPoller,
  createTakeoverPoller,
  createTakeovers,
  type FollowedClock,
  followTime,
  type Jobs,
  type LedgerService,
  loadOrCreateKey,
  type Metrics,
  type Outbox,
  observeDoor,
  observeQueue,
  type Poller,
  type Sealer,
  type Takeovers,
} from '../platform/index.ts';
import {
  createReconciliationService,
  type ReconciliationService,
  reconciliationConsumers,
  reconciliationPollers,
} from '../watch/reconciliation/index.ts';
import {
  type AccessService,
  accessPollers,
  createAccessService,
  idPrefix,
} from '../who/access/index.ts';
import { createPartiesService, type PartiesService } from '../who/parties/index.ts';
import { allErrors } from './errors.ts';

/** What all modules stand on, in one process. */
export interface Ground {
  readonly config: Config;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly errors: ErrorRegistry;
  readonly commands: CommandRunner;
  readonly sealer: Sealer;
  readonly jobs: Jobs;
  readonly takeovers: Takeovers;
  /** The ledger for callers from outside, in books of their own. */
  readonly ledger: LedgerService;
}

/** The modules' services, from the ground up: each is given only what stands before it. */
export interface Services {
  readonly parties: PartiesService;
  readonly access: AccessService;
  readonly channels: ChannelsService;
  readonly custody: CustodyService;
  readonly payments: PaymentsService;
  readonly payouts: PayoutsService;
  readonly settlement: SettlementService;
  readonly escrow: EscrowService;
  readonly reconciliation: ReconciliationService;
}

/** One process's platform, composed by hand. */
export interface Platform extends Ground, Services {
  readonly time: FollowedClock;
  readonly bell: ReturnType<typeof createBell>;
  consumers(): readonly Consumer[];
  pollers(): readonly Poller[];
  close(): Promise<void>;
}

/** Up to this amount in fen, refunds that the platform decides on need no second person. */
const automaticRefundLimitMinor = 10_000_000n;

/** What outside callers may not say their orders and pay-outs are for. */
const reservedReferences = new Set([...Object.values(escrowReferences), topUpReference]);

/** What a process is made with. Who watches one, or plays its troubles, wraps the real ones. */
export interface Makers {
  readonly openDatabase: typeof openDatabase;
  readonly createCommandRunner: typeof createCommandRunner;
  readonly followTime: typeof followTime;
}

const realMakers: Makers = { openDatabase, createCommandRunner, followTime };

/** @param name of the process: `api`, `worker`, `cli` */
export async function composePlatform(
  config: Config,
  name: string,
  makers: Partial<Makers> = {},
): Promise<Platform> {
  const ground = await composeGround(config, name, { ...realMakers, ...makers });
  const services = composeServices(ground);
  return {
    ...ground,
    ...services,
    consumers: () => [
      ...paymentsConsumers({ ...ground, ...services }),
      ...payoutsConsumers({ ...ground, ...services }),
      ...settlementConsumers({ ...ground, ...services }),
      ...escrowConsumers({ ...ground, ...services }),
      ...reconciliationConsumers({ ...ground, ...services }),
    ],
    pollers: () => [
      createExpiryPoller(ground),
      createTakeoverPoller(ground),
      createSealingPoller({ ...ground, keyFolder: join(config.dataDirectory, 'keys') }),
      ...accessPollers({ ...ground, ...services }),
      ...channelsPollers({ ...ground, ...services }),
      ...custodyPollers({ ...ground, ...services }),
      ...paymentsPollers({ ...ground, ...services }),
      ...payoutsPollers({ ...ground, ...services }),
      ...settlementPollers({ ...ground, ...services }),
      ...escrowPollers({ ...ground, ...services }),
      ...reconciliationPollers({ ...ground, ...services }),
    ],
    close: async () => {
      await ground.bell.stop();
      await ground.commands.close();
      await ground.ledger.close();
      await ground.takeovers.close();
      await services.channels.close();
      await ground.jobs.stop();
      await ground.time.stop();
      await ground.database.close();
    },
  };
}

/** What all modules stand on; the bell and the time are the process's own to stop. */
async function composeGround(config: Config, name: string, make: Makers) {
  const logger = createLogger(name, config.logLevel);
  const metrics = createMetrics(name);
  const time = await make.followTime(config.timeSource, logger);
  const database = make.openDatabase({
    url: config.databaseUrl,
    applicationName: `keyturn ${name}`,
    maxConnections: config.maxConnections,
  });
  const bell = createBell(database, logger);
  const errors = allErrors();
  const commands = make.createCommandRunner({
    database,
    clock: time,
    logger,
    errors,
    onEvents: bell.ring,
    onBatch: metrics.batch,
  });
  const sealer = createSealer(
    await loadOrCreateKey(join(config.dataDirectory, 'keys', 'data.key')),
  );
  const jobs = createJobs({ url: config.databaseUrl, logger });
  const door = createSubmitter({ database, clock: time, observer: observeDoor(metrics) });
  observeQueue(metrics, door);
  const keyFolder = join(config.dataDirectory, 'keys');
  const takeovers = createTakeovers({ database, clock: time, keyFolder });
  // What is written into a book that is being moved goes to the old ledger, too.
  const submitter = submitThrough(door, takeovers);
  const ledger = createLedgerService({ database, clock: time, submitter, keeperName });
  return {
    config,
    database,
    outbox: createOutbox(database),
    clock: time,
    time,
    bell,
    logger,
    metrics,
    errors,
    commands,
    sealer,
    jobs,
    ledger,
    takeovers,
  };
}

/** What an integrator is called on the wire. */
export function keeperName(keeper: string): string {
  return encodeId(idPrefix.integrator, keeper);
}

function composeServices(ground: Ground): Services {
  const { publicUrl, dataDirectory } = ground.config;
  const parties = createPartiesService(ground);
  const access = createAccessService(ground);
  const credentials = createCredentialStore(join(dataDirectory, 'keys'));
  const channels = createChannelsService({ ...ground, credentials });
  const custody = createCustodyService({ ...ground, channels });
  const payments = createPaymentsService({
    ...ground,
    channels,
    custody,
    createReceiptsUnit,
    parties,
    publicUrl,
    automaticRefundLimitMinor,
    reservedReferences,
  });
  const payouts = createPayoutsService({
    ...ground,
    channels,
    custody,
    createReceiptsUnit,
    parties,
    reservedReferences,
  });
  const below = { ...ground, parties, access, channels, custody, payments, payouts };
  const settlement = createSettlementService({ ...below, createReceiptsUnit });
  const escrow = createEscrowService({ ...below, settlement, publicUrl });
  const reconciliation = createReconciliationService(below);
  // What the outside world tells us goes up to whom it concerns; the modules below know nobody
  // above.
  channels.onAcquirerNotification(payments.onAcquirerNotification);
  channels.onBankNotification(custody.handleBankNotification);
  return {
    parties,
    access,
    channels,
    custody,
    payments,
    payouts,
    settlement,
    escrow,
    reconciliation,
  };
}
