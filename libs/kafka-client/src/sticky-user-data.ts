import type { TopicPartition } from './records.ts';
import { byTopic } from './by-topic.ts';

export interface StickyUserData {
  readonly owned: readonly TopicPartition[];
  /** -1 when unknown: the form before KIP-341 doesn't say. */
  readonly generation: number;
}

/**
 * What Java's `sticky` assignor keeps beside the subscription, as eager members own nothing when they
 * join: an array of topics with their partitions, and the generation (from Kafka 2.1 on).
 */
export function encodeStickyUserData({ generation, owned }: StickyUserData): Uint8Array {
  const parts: Buffer[] = [];
  const int32 = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    parts.push(bytes);
  };
  const topics = [...byTopic(owned)];
  int32(topics.length);
  for (const [topic, partitions] of topics) {
    const name = Buffer.from(topic, 'utf8');
    const length = Buffer.alloc(2);
    length.writeInt16BE(name.byteLength);
    parts.push(length, name);
    int32(partitions.length);
    for (const { partition } of partitions) int32(partition);
  }
  int32(generation);
  return Buffer.concat(parts);
}

/** Nothing is owned where the bytes make no sense: a member then only loses its stickiness. */
export function decodeStickyUserData(bytes: Uint8Array): StickyUserData {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const owned: TopicPartition[] = [];
  try {
    let at = 4;
    for (let topics = data.readInt32BE(0); topics > 0; topics -= 1) {
      const nameEnd = at + 2 + data.readInt16BE(at);
      const topic = data.toString('utf8', at + 2, nameEnd);
      at = nameEnd + 4;
      for (let count = data.readInt32BE(nameEnd); count > 0; count -= 1) {
        owned.push({ topic, partition: data.readInt32BE(at) });
        at += 4;
      }
    }
    return { owned, generation: at + 4 <= data.byteLength ? data.readInt32BE(at) : -1 };
  } catch {
    return { owned: [], generation: -1 }; // read beyond the end
  }
}
