/** Big-endian numbers of the wire, as plain functions of primitives. Past the end they read zeros. */

export function readUint16(buffer: Buffer, position: number): number {
  return ((buffer[position] ?? 0) << 8) | (buffer[position + 1] ?? 0);
}

export function readInt32(buffer: Buffer, position: number): number {
  return (
    ((buffer[position] ?? 0) << 24) |
    ((buffer[position + 1] ?? 0) << 16) |
    ((buffer[position + 2] ?? 0) << 8) |
    (buffer[position + 3] ?? 0)
  );
}

export function readUint32(buffer: Buffer, position: number): number {
  return readInt32(buffer, position) >>> 0;
}

/** Exact up to 2^53: log positions reach that after 8 PiB of WAL, timestamps in the year 2285. */
export function readInt64(buffer: Buffer, position: number): number {
  return readInt32(buffer, position) * 4_294_967_296 + readUint32(buffer, position + 4);
}
