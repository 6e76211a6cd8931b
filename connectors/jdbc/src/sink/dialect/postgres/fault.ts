import { MillraceError, type Retry } from '@millrace/foundation';
import { TargetError, type FaultScope } from '../../../errors.ts';

interface Verdict {
  readonly retry: Retry;
  readonly scope: FaultScope;
  readonly code: string;
  readonly hint?: string;
}

const RETRY: Omit<Verdict, 'code'> = { retry: 'retriable', scope: 'batch' };
const RECORD: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'record' };
const STALE: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'stale' };
const FATAL: Omit<Verdict, 'code'> = { retry: 'fatal', scope: 'batch' };

/** By SQLSTATE; a longer match wins over its class of two digits. */
const BY_STATE: Readonly<Record<string, Verdict>> = {
  '08': { ...RETRY, code: 'jdbc.connection_lost' },
  '21': { ...RECORD, code: 'jdbc.row_refused' },
  '22': {
    ...RECORD,
    code: 'jdbc.value_refused',
    hint: 'mend the value by a transform, or change the type of the column',
  },
  '23': { ...RECORD, code: 'jdbc.constraint_violated' },
  '23502': {
    ...RECORD,
    code: 'jdbc.constraint_violated',
    hint: 'the column needs a value: ALTER TABLE … ALTER COLUMN … DROP NOT NULL, or give it a default',
  },
  '23503': {
    ...RECORD,
    code: 'jdbc.constraint_violated',
    hint: 'topics are delivered side by side, so a row may come before the one that it refers to: drop the foreign key in the target, or replay the record later',
  },
  '23505': {
    ...RECORD,
    code: 'jdbc.constraint_violated',
    hint: 'the row is there already: use insert.mode=upsert with a primary key, or drop the other unique index',
  },
  '25006': {
    ...RETRY,
    code: 'jdbc.server_read_only',
    hint: 'the server is a standby or read only; add targetServerType=primary with all hosts to connection.url',
  },
  '25P03': { ...RETRY, code: 'jdbc.connection_lost' },
  '28': { ...FATAL, code: 'jdbc.login_refused', hint: 'check user, password and pg_hba.conf' },
  '3D000': {
    ...FATAL,
    code: 'jdbc.database_missing',
    hint: 'CREATE DATABASE it, or mend the name in connection.url',
  },
  '3F000': {
    ...FATAL,
    code: 'jdbc.schema_missing',
    hint: 'CREATE SCHEMA it, or mend the table name format or currentSchema',
  },
  '40': { ...RETRY, code: 'jdbc.transaction_conflict' },
  '40002': { ...RECORD, code: 'jdbc.constraint_violated' },
  '42501': {
    ...FATAL,
    code: 'jdbc.privilege_missing',
    hint: 'GRANT SELECT, INSERT, UPDATE, DELETE ON the table TO the user (CREATE ON SCHEMA to create tables)',
  },
  '42P01': { ...STALE, code: 'jdbc.table_missing' },
  '42703': { ...STALE, code: 'jdbc.column_missing' },
  '42804': { ...STALE, code: 'jdbc.type_mismatch' },
  '42P10': { ...STALE, code: 'jdbc.unique_key_missing' },
  '42704': { ...STALE, code: 'jdbc.type_missing' },
  '428C9': { ...STALE, code: 'jdbc.column_generated' },
  '44': { ...RECORD, code: 'jdbc.constraint_violated' },
  '53': { ...RETRY, code: 'jdbc.server_out_of_resources' },
  '54': { ...RECORD, code: 'jdbc.row_too_large' },
  '55': { ...RETRY, code: 'jdbc.object_busy' },
  '57': { ...RETRY, code: 'jdbc.server_interrupted' },
  '58': { ...RETRY, code: 'jdbc.server_system_error' },
  P0: {
    ...RECORD,
    code: 'jdbc.row_refused',
    hint: 'a trigger or function of the target raised this',
  },
};

const SERVER_ERROR: Verdict = { ...FATAL, code: 'jdbc.statement_failed' };

/** Whatever the driver throws, classified by number. Aborts are handled before. */
export function faultOf(error: unknown, doing: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const state = textOf(error, 'code');
  const message = error instanceof Error ? error.message : String(error);
  if (
    state !== undefined &&
    /^[0-9A-Z]{5}$/.test(state) &&
    textOf(error, 'severity') !== undefined
  ) {
    const verdict = BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? SERVER_ERROR;
    const detail = textOf(error, 'detail');
    const place = textOf(error, 'where');
    return new TargetError({
      ...verdict,
      message: `${doing}: ${message}`,
      context: {
        sqlState: state,
        ...pick(error, ['schema', 'table', 'column', 'constraint']),
        ...(detail === undefined ? {} : { detail: detail.slice(0, 500) }),
        ...(place === undefined ? {} : { where: place.slice(0, 300) }),
      },
      cause: error,
    });
  }
  return connectionFault(state, message, doing, error);
}

function connectionFault(
  errno: string | undefined,
  message: string,
  doing: string,
  cause: unknown,
): TargetError {
  const isTls =
    errno !== undefined && /^(ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(errno);
  if (isTls)
    return new TargetError({
      ...FATAL,
      code: 'jdbc.tls_refused',
      message: `${doing}: ${message}`,
      hint: 'give the certificate authority by sslrootcert in connection.url, or choose sslmode=require',
      cause,
    });
  return new TargetError({
    ...RETRY,
    code:
      errno === 'ENOTFOUND' || errno === 'ECONNREFUSED'
        ? 'jdbc.server_unreachable'
        : 'jdbc.connection_lost',
    message: `${doing}: ${message === '' ? (errno ?? 'the connection failed') : message}`,
    hint: 'is the server up and connection.url right? The sink tries again by itself',
    context: errno === undefined ? {} : { errno },
    cause,
  });
}

function pick(error: unknown, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = textOf(error, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function textOf(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
