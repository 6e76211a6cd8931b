import type { Clock, Random } from '@millrace/foundation';
import { schemas, type Header } from '@millrace/record';

const TEXT = schemas.string();

export function textHeader(key: string, value: string): Header {
  return { key, schema: TEXT, value };
}

export interface HeaderContext {
  readonly logicalName: string;
  readonly task: number;
  readonly connector: string;
  /** Another one each time that a task starts: `timeOrderedUuid`. */
  readonly runId: string;
}

/** `extended.headers.enabled`: who made the record. One array serves all records of a task. */
export function contextHeaders(context: HeaderContext): readonly Header[] {
  const { logicalName, task, connector, runId } = context;
  return [
    textHeader('__debezium.context.connectorLogicalName', logicalName),
    textHeader('__debezium.context.taskId', String(task)),
    textHeader('__debezium.context.connectorName', connector),
    textHeader('__debezium.context.runId', runId),
  ];
}

/** A UUID of version 7: milliseconds, then chance. */
export function timeOrderedUuid(clock: Clock, random: Random): string {
  const bytes = Buffer.from(random.nextBytes(16));
  bytes.writeUIntBE(clock.nowMs(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
