import { POSTGRES_EPOCH_MICROS } from '../decode/pgoutput.ts';

const FRAME_COPY_DATA = 0x64;
const STATUS_UPDATE = 0x72;

/** Standby status update: received, flushed and applied positions, and the time in PostgreSQL's epoch. */
export function statusUpdate(
  received: number,
  flushed: number,
  nowMs: number,
  asksForReply: boolean,
): Buffer {
  const message = Buffer.alloc(39);
  message.writeUInt8(FRAME_COPY_DATA, 0);
  message.writeInt32BE(38, 1);
  message.writeUInt8(STATUS_UPDATE, 5);
  message.writeBigUInt64BE(BigInt(received), 6);
  message.writeBigUInt64BE(BigInt(flushed), 14);
  message.writeBigUInt64BE(BigInt(flushed), 22);
  message.writeBigInt64BE(BigInt(nowMs) * 1000n - BigInt(POSTGRES_EPOCH_MICROS), 30);
  message.writeUInt8(asksForReply ? 1 : 0, 38);
  return message;
}
