import type { Clock } from '@millrace/foundation';
import type { MetadataLog } from '../metadata/metadata-log.ts';
import type { BrokerSettings } from '../settings.ts';
import { ClientQuotas } from './client-quotas.ts';

const SECOND_MS = 1000;

export function openQuotas(
  { values }: BrokerSettings,
  metadata: MetadataLog,
  clock: Clock,
): ClientQuotas {
  return new ClientQuotas({
    image: () => metadata.image.security,
    windows: {
      count: values['quota.window.num'],
      sizeMs: values['quota.window.size.seconds'] * SECOND_MS,
    },
    controllerWindows: {
      count: values['controller.quota.window.num'],
      sizeMs: values['controller.quota.window.size.seconds'] * SECOND_MS,
    },
    // Never backwards: a clock that jumps must not throttle anybody for a day.
    nowMs: () => clock.monotonicMs(),
  });
}
