/** Java's `String.hashCode`, by which Kafka spreads groups over the partitions of `__consumer_offsets`. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

/** As Kafka: the absolute value of the hash, 0 for the one that has none in Java. */
export function partitionForGroup(groupId: string, partitionCount: number): number {
  const hash = javaStringHash(groupId);
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitionCount;
}
