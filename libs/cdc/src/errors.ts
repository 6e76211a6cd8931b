import { MillraceError } from '@millrace/foundation';

/** Two tables have the same topic after sanitising, such as `a-b` and `a b`. Leave one out or route it elsewhere. */
export function topicCollision(topic: string, first: string, second: string): MillraceError {
  return new MillraceError({
    code: 'cdc.topic_collision',
    retry: 'fatal',
    message: `tables ${first} and ${second} would both be written to topic "${topic}"`,
    hint: 'exclude one of the two with table.exclude.list, or capture it with a connector of its own',
    context: { topic, first, second },
  });
}

/** Columns of a change could not be read again (`reselect.error.handling.mode=fail`): the row is gone, or the server refused. */
export function reselectFailed(
  table: string,
  fields: readonly string[],
  cause: unknown,
): MillraceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError({
    code: 'cdc.reselect_failed',
    retry: 'fatal',
    message: `columns ${fields.join(', ')} of a row of ${table} could not be read again: ${why}`,
    hint: 'mend what it says and restart; with reselect.error.handling.mode=warn events go without such columns',
    context: { table, fields },
    cause,
  });
}

/** A row can't be found again: the table has no key, or one of a type that has no literal. */
export function rowNotAddressable(table: string, why: string): MillraceError {
  return new MillraceError({
    code: 'cdc.row_not_addressable',
    retry: 'fatal',
    message: `a row of ${table} can't be read again: ${why}`,
    hint: 'leave its columns out by reselect.columns.exclude.list, or give message.key.columns and reselect.use.event.key=true',
    context: { table },
  });
}
