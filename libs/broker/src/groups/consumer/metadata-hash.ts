import type { TopicDirectory } from './step.ts';

/**
 * Tells whether the topics of a group are still those that its assignment was made for (KIP-1101). Our
 * own function: Kafka only compares it with what was stored. Below 2^53; 0 for no topics.
 */
export function metadataHashOf(names: ReadonlySet<string>, topics: TopicDirectory): number {
  let low = 0x811c_9dc5;
  let high = 0;
  let count = 0;
  for (const name of [...names].sort()) {
    const topic = topics.find(name);
    if (topic === undefined) continue;
    count += 1;
    const text = `${name}\n${topic.topicId}\n${topic.partitionCount}\n`;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      low = Math.imul(low ^ unit, 0x0100_0193);
      high = Math.imul(high ^ unit, 0x85eb_ca6b) ^ (low >>> 15);
    }
  }
  return count === 0 ? 0 : (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}
