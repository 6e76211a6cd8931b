import { nearestName } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type {
  ConsumerOptions,
  ProducerOptions,
  TransactionalProducerOptions,
} from '@millrace/kafka-client';
import {
  clientKeyProblem,
  clientKeys,
  clientKinds,
  clientOptions,
  type ClientKind,
} from './client-keys.ts';
import { isConnectionKey } from './connection-keys.ts';
import { policyProblem } from './override-policy.ts';
import { withoutPrefix } from './prefixes.ts';
import type { WorkerSettings } from './worker-fields.ts';

/**
 * At most five batches of a partition are on their way (idempotence), and each acknowledgement waits for an fsync:
 * small batches make the number of fsyncs the limit. As much as a broker takes by default.
 */
const BATCH_BYTES = 1_048_576;

/**
 * Four times Kafka's: an idle sink costs a fetch each time it is over. A record that comes ends the wait at once; only
 * a partition that is sought anew may wait for so long.
 */
const FETCH_MAX_WAIT_MS = 2_000;

/**
 * Built-in, then worker `producer.*`, then connector `producer.override.*`. Records wait for a log that is down as
 * long as it takes, as in Connect; the source's back-pressure bounds them.
 */
export function producerOptions(
  worker: WorkerSettings,
  connector: ComponentConfig,
): ProducerOptions & Pick<TransactionalProducerOptions, 'transactionTimeoutMs'> {
  return {
    acks: 'all',
    enableIdempotence: true,
    deliveryTimeoutMs: Infinity,
    maxBlockMs: Infinity,
    batchBytes: BATCH_BYTES,
    ...clientOptions('producer', rawOf('producer', worker, connector)),
  };
}

/** Built-in, then worker `consumer.*`, then connector `consumer.override.*`. */
export function consumerOptions(
  worker: WorkerSettings,
  connector: ComponentConfig,
): Omit<ConsumerOptions, 'groupId'> {
  return {
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: FETCH_MAX_WAIT_MS,
    ...clientOptions('consumer', rawOf('consumer', worker, connector)),
  };
}

export function consumerGroupOf(name: string, connector: ComponentConfig): string {
  return connector['consumer.override.group.id'] ?? `connect-${name}`;
}

function rawOf(
  kind: ClientKind,
  worker: WorkerSettings,
  connector: ComponentConfig,
): ComponentConfig {
  return {
    ...withoutPrefix(worker.raw, `${kind}.`),
    ...withoutPrefix(connector, `${kind}.override.`),
  };
}

export interface ClientKeyFinding {
  readonly key: string;
  readonly message: string;
}

/** Overrides that the worker's policy forbids, or that can't be read. */
export function overrideProblems(
  connector: ComponentConfig,
  worker: WorkerSettings,
): readonly ClientKeyFinding[] {
  return clientKinds.flatMap((kind) => {
    const prefix = `${kind}.override.`;
    return Object.entries(withoutPrefix(connector, prefix)).flatMap(([key, value]) => {
      const name = `${prefix}${key}`;
      const forbidden = policyProblem(key, worker);
      if (forbidden !== undefined) return [{ key: name, message: forbidden }];
      const problem = clientKeyProblem(kind, key, value);
      return problem === undefined
        ? []
        : [{ key: name, message: `Invalid value ${value} for configuration ${name}: ${problem}` }];
    });
  });
}

export interface UnusedClientKey {
  readonly key: string;
  readonly nearest: string | undefined;
}

/** Keys for clients that ours lack, so that nothing is silently without effect: of a connector. */
export function unusedOverrides(
  connector: ComponentConfig,
  worker: Readonly<Record<string, string>>,
): readonly UnusedClientKey[] {
  return clientKinds.flatMap((kind) => unusedKeys(kind, `${kind}.override.`, connector, worker));
}

/** The same of a worker's configuration. */
export function unusedWorkerKeys(
  worker: Readonly<Record<string, string>>,
): readonly UnusedClientKey[] {
  return clientKinds.flatMap((kind) => unusedKeys(kind, `${kind}.`, worker, worker));
}

/** Values of the worker's that cannot be read. */
export function workerKeyProblems(
  worker: Readonly<Record<string, string>>,
): readonly ClientKeyFinding[] {
  return clientKinds.flatMap((kind) =>
    Object.entries(withoutPrefix(worker, `${kind}.`)).flatMap(([key, value]) => {
      const problem = clientKeyProblem(kind, key, value);
      const name = `${kind}.${key}`;
      return problem === undefined
        ? []
        : [{ key: name, message: `Invalid value ${value} for configuration ${name}: ${problem}` }];
    }),
  );
}

function unusedKeys(
  kind: ClientKind,
  prefix: string,
  config: ComponentConfig,
  worker: Readonly<Record<string, string>>,
): readonly UnusedClientKey[] {
  const known = clientKeys(kind);
  return (
    Object.entries(withoutPrefix(config, prefix))
      .map(([key, value]) => [key.replace(/^override\./, ''), key, value] as const)
      .filter(([name]) => !known.includes(name) && !isConnectionKey(name))
      // To say what the worker says as well changes nothing.
      .filter(([, key, value]) => worker[key] !== value)
      .map(([, key]) => {
        const nearest = nearestName(key, known);
        return {
          key: `${prefix}${key}`,
          nearest: nearest === undefined ? undefined : `${prefix}${nearest}`,
        };
      })
  );
}
