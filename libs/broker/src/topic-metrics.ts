import type { MetricFamily, MetricSample } from '@millrace/foundation';

/** Kafka's BrokerTopicMetrics, of one topic or of all. */
export interface TopicFigures {
  messagesIn: number;
  bytesIn: number;
  bytesOut: number;
  bytesRejected: number;
  produceRequests: number;
  fetchRequests: number;
  failedProduceRequests: number;
  failedFetchRequests: number;
}

type Figure = keyof TopicFigures;

const FIGURES: readonly (readonly [figure: Figure, name: string, help: string])[] = [
  ['messagesIn', 'messagesin', 'Records taken.'],
  ['bytesIn', 'bytesin', 'Bytes of record batches taken.'],
  ['bytesOut', 'bytesout', 'Bytes of record batches given to readers.'],
  ['bytesRejected', 'bytesrejected', 'Bytes of record batches refused.'],
  ['produceRequests', 'totalproducerequests', 'Batches that were to be written.'],
  ['fetchRequests', 'totalfetchrequests', 'Partitions that were to be read.'],
  ['failedProduceRequests', 'failedproducerequests', 'Batches refused.'],
  ['failedFetchRequests', 'failedfetchrequests', 'Partitions that could not be read.'],
];

/**
 * What came into topics and went out of them, together and of each. INV-6: at most so many topics have figures of
 * their own; the others count in the sums only.
 */
export class TopicMetrics {
  readonly all: TopicFigures = noFigures();
  readonly #byTopic = new Map<string, TopicFigures>();
  readonly #topicsMax: number;
  readonly #isThere: (topic: string) => boolean;
  /** Where those beyond the bound are counted for nobody. */
  readonly #others: TopicFigures = noFigures();

  constructor(topicsMax: number, isThere: (topic: string) => boolean) {
    this.#topicsMax = topicsMax;
    this.#isThere = isThere;
  }

  /** One batch; on the hot path. */
  addTaken(topic: string, bytes: number, records: number): void {
    const figures = this.#of(topic);
    figures.produceRequests += 1;
    figures.bytesIn += bytes;
    figures.messagesIn += records;
    const { all } = this;
    all.produceRequests += 1;
    all.bytesIn += bytes;
    all.messagesIn += records;
  }

  /** For a topic that is there. */
  add(topic: string, figure: Figure, count: number): void {
    this.all[figure] += count;
    this.#of(topic)[figure] += count;
  }

  /** For one that is not. */
  addUnknown(figure: Figure, count: number): void {
    this.all[figure] += count;
  }

  families(): readonly MetricFamily[] {
    this.#forgetDeleted();
    return FIGURES.map(([figure, name, help]) => ({
      name: `kafka_server_brokertopicmetrics_${name}_total`,
      help,
      type: 'counter',
      samples: [
        { labels: {}, value: this.all[figure] },
        ...[...this.#byTopic].map(([topic, figures]): MetricSample => ({
          labels: { topic },
          value: figures[figure],
        })),
      ],
    }));
  }

  #of(topic: string): TopicFigures {
    const known = this.#byTopic.get(topic);
    if (known !== undefined) return known;
    if (this.#byTopic.size >= this.#topicsMax) return this.#others;
    const figures = noFigures();
    this.#byTopic.set(topic, figures);
    return figures;
  }

  #forgetDeleted(): void {
    for (const topic of this.#byTopic.keys())
      if (!this.#isThere(topic)) this.#byTopic.delete(topic);
  }
}

function noFigures(): TopicFigures {
  return {
    messagesIn: 0,
    bytesIn: 0,
    bytesOut: 0,
    bytesRejected: 0,
    produceRequests: 0,
    fetchRequests: 0,
    failedProduceRequests: 0,
    failedFetchRequests: 0,
  };
}
