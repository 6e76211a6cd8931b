import type { MetricFamily } from '@millrace/foundation';
import type { BrokerCore } from './core.ts';

/** Authentications and quotas. Nothing per client: their names are made up by clients. */
export function securityMetrics({
  security,
  quotas,
  metadata,
}: BrokerCore): readonly MetricFamily[] {
  const { succeeded, failed, expired } = security.counters;
  const figures = quotas.figures();
  const total = (name: string, help: string, value: number): MetricFamily => ({
    name,
    help,
    type: 'counter',
    samples: [{ labels: {}, value }],
  });
  const byQuota = (
    type: MetricFamily['type'],
    name: string,
    help: string,
    valueOf: (figure: (typeof figures)[number]) => number,
  ): MetricFamily => ({
    name,
    help,
    type,
    samples: figures.map((figure) => ({ labels: { quota: figure.key }, value: valueOf(figure) })),
  });
  return [
    total(
      'kafka_server_socketservermetrics_successful_authentication_total',
      'Authentications by SASL that succeeded, renewals among them.',
      succeeded,
    ),
    total(
      'kafka_server_socketservermetrics_failed_authentication_total',
      'Authentications by SASL or TLS that failed.',
      failed,
    ),
    total(
      'kafka_server_socketservermetrics_expired_connections_killed_count',
      'Connections closed since their session had ended.',
      expired,
    ),
    byQuota(
      'counter',
      'kafka_server_clientquota_throttled_total',
      'Answers with a time to wait.',
      ({ throttledCount }) => throttledCount,
    ),
    byQuota(
      'counter',
      'kafka_server_clientquota_throttle_time_ms_total',
      'Time that clients were told to wait.',
      ({ throttledMs }) => throttledMs,
    ),
    byQuota(
      'gauge',
      'kafka_server_clientquota_sensors',
      'Clients whose use is measured.',
      ({ sensors }) => sensors,
    ),
    {
      name: 'kafka_server_acl_count',
      help: 'ACLs.',
      type: 'gauge',
      samples: [{ labels: {}, value: metadata.image.security.acls.size }],
    },
  ];
}
