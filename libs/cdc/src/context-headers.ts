import { schemas, type Header } from '@millrace/record';

const TEXT = schemas.string();

export function textHeader(key: string, value: string): Header {
  return { key, schema: TEXT, value };
}

/** `extended.headers.enabled`: who made the record. One array serves all records of a task. */
export function contextHeaders(
  logicalName: string,
  task: number,
  connector: string,
): readonly Header[] {
  return [
    textHeader('__debezium.context.connectorLogicalName', logicalName),
    textHeader('__debezium.context.taskId', String(task)),
    textHeader('__debezium.context.connectorName', connector),
  ];
}
