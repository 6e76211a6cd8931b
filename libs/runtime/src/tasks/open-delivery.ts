import { resolveConfig } from '@millrace/config';
import { producerOptions } from '../config/client-overrides.ts';
import { sourceFields } from '../config/connector-fields.ts';
import { isExactlyOnce, transactionalIdOf } from '../connectors/generation-fence.ts';
import { AtLeastOnceDelivery } from './at-least-once-delivery.ts';
import { ExactlyOnceDelivery } from './exactly-once-delivery.ts';
import type { DeliveryPorts, SourceDelivery } from './source-delivery.ts';
import { RequestedBoundaries, type TransactionBoundary } from './transaction-boundary.ts';

const BOUNDARIES: readonly TransactionBoundary[] = ['poll', 'interval', 'connector'];

/** What the worker's and the connector's configuration ask for. */
export function openDelivery(ports: DeliveryPorts): {
  readonly delivery: SourceDelivery;
  readonly requested: RequestedBoundaries | undefined;
} {
  const { worker, config, client, connector, task } = ports.environment;
  const options = producerOptions(worker, config);
  if (!isExactlyOnce(worker))
    return {
      delivery: new AtLeastOnceDelivery(ports, client.producer(options)),
      requested: undefined,
    };
  const fields = resolveConfig(sourceFields, config, 'connector configuration');
  const wanted = fields['transaction.boundary'].toLowerCase();
  const boundary = BOUNDARIES.find((each) => each === wanted) ?? 'poll';
  const requested = boundary === 'connector' ? new RequestedBoundaries() : undefined;
  const producer = client.transactionalProducer({
    ...options,
    acks: 'all',
    enableIdempotence: true,
    transactionalId: transactionalIdOf(worker, connector, task),
  });
  const delivery = new ExactlyOnceDelivery(ports, producer, {
    boundary,
    intervalMs:
      fields['transaction.boundary.interval.ms'] ?? worker.fields['offset.flush.interval.ms'],
    requested,
  });
  return { delivery, requested };
}
