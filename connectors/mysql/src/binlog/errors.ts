import { describeError, MillraceError } from '@millrace/foundation';

/** The codes of reading events and values; those of the connection are in `../errors.ts`. */

/** Bytes were changed on their way or on the server's disk. A new connection reads them again. */
export function checksumWrong(file: string, position: number): MillraceError {
  return new MillraceError({
    code: 'mysql.binlog_checksum',
    retry: 'retriable',
    message: `the event at ${file}:${position} has a wrong checksum`,
    hint: 'if it comes again, the binlog is damaged on the server: mysqlbinlog --verify-binlog-checksum shows it; then take a new snapshot',
    context: { file, position },
  });
}

/** An event is of a form that we don't know, or not whole although its checksum is right. */
export function eventUnreadable(where: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'mysql.event_unreadable',
    retry: 'fatal',
    message: `the event at ${where} can't be read: ${describeError(cause)}`,
    hint: 'look at it with mysqlbinlog --start-position; to leave it out, set event.processing.failure.handling.mode=warn or start behind it',
    cause,
  });
}

/**
 * A compressed transaction (`binlog_transaction_compression`) is unpacked at once by Node.js before 22.15, and would need
 * more memory than it may.
 */
export function transactionTooLarge(
  unpackedBytes: number,
  bytesMax: number,
  nodeVersion: string,
): MillraceError {
  return new MillraceError({
    code: 'mysql.transaction_too_large',
    retry: 'fatal',
    message: `a compressed transaction has ${unpackedBytes} bytes, and Node.js ${nodeVersion} unpacks it as a whole, up to ${bytesMax} bytes`,
    hint: 'run Node.js 22.15 or later, which unpacks it in pieces; or raise binlog.transaction.unpacked.bytes.max, if there is memory for it',
    context: { unpackedBytes, bytesMax },
  });
}

/** A GTID or set of them is not as the server prints it. */
export function gtidSetUnreadable(text: string): MillraceError {
  return new MillraceError({
    code: 'mysql.gtid_set_unreadable',
    retry: 'fatal',
    message: `"${text.slice(0, 200)}" is no set of GTIDs`,
    hint: 'MySQL: uuid:1-5:7,uuid:tag:1-3; MariaDB: domain-server-sequence, such as 0-1-100',
  });
}

/** A value has no form in the schema of its column (INV-8). */
export function notRepresentable(type: string, text: string, hint: string): MillraceError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return new MillraceError({
    code: 'mysql.value_not_representable',
    retry: 'fatal',
    message: `the ${type} value "${shown}" can't be represented`,
    hint,
  });
}

/** A value is not as its column's type says: the description of the table is not the one of its rows. */
export function valueUnreadable(type: string, problem: string): MillraceError {
  return new MillraceError({
    code: 'mysql.value_unreadable',
    retry: 'fatal',
    message: `a value of type ${type} can't be read: ${problem}`,
    hint: 'the known columns are not those of the binlog: rebuild the schema history, or set binlog_row_metadata=FULL on the server',
  });
}
