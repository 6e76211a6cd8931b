import type { KafkaClient } from '@millrace/kafka-client';
import {
  postgresSourceConfig,
  SCHEMALESS_JSON,
  type MillraceServer,
  type PostgresServer,
} from '@millrace/test-servers';
import { recordCountOf } from './end-offset.ts';
import { until } from './workspace.ts';

/** How the same change events stand in the log, source and sink set alike. */
export interface EventForm {
  readonly label: string;
  readonly topicPrefix: string;
  readonly converters: Readonly<Record<string, string>>;
  /** What the sink has to be told, as the events don't say it. */
  readonly hints: Readonly<Record<string, string>>;
}

const JSON_CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};

export const EVENT_FORMS: readonly EventForm[] = [
  {
    label: 'JSON with schemas',
    topicPrefix: 'schemas',
    converters: JSON_CONVERTERS,
    hints: {},
  },
  {
    label: 'JSON without schemas',
    topicPrefix: 'plain',
    converters: { ...JSON_CONVERTERS, ...SCHEMALESS_JSON },
    hints: { 'millrace.source.decimal.handling.mode': 'precise' },
  },
];

/** A snapshot of the table `bench` in a topic of each form. */
export async function fillTopics(
  worker: MillraceServer,
  client: KafkaClient,
  server: PostgresServer,
  rows: number,
): Promise<void> {
  for (const { topicPrefix, converters } of EVENT_FORMS) {
    await worker.putConnector(
      `source-${topicPrefix}`,
      postgresSourceConfig(server, {
        'topic.prefix': topicPrefix,
        'slot.name': `slot_${topicPrefix}`,
        'publication.name': `publication_${topicPrefix}`,
        'table.include.list': 'public.bench',
        'snapshot.mode': 'initial_only',
        ...converters,
      }),
    );
    await until(async () => (await recordCountOf(client, `${topicPrefix}.public.bench`)) >= rows);
    await worker.send('DELETE', `/connectors/source-${topicPrefix}`);
  }
}

export function sinkSettings(form: EventForm): Readonly<Record<string, string>> {
  return {
    topics: `${form.topicPrefix}.public.bench`,
    'consumer.override.max.poll.records': '5000',
    ...form.converters,
    ...form.hints,
  };
}
