import { atLeast, between, defineFields, nonEmpty, oneOfIgnoringCase } from '@millrace/config';

/** How the server is reached. */
export const connectionFields = defineFields({
  'database.port': {
    type: 'INT',
    default: 5432,
    importance: 'HIGH',
    group: 'Connection',
    validate: between(1, 65_535),
    doc: 'Port of the PostgreSQL server.',
  },
  'database.user': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connection',
    validate: nonEmpty,
    doc: 'Role with the REPLICATION attribute and SELECT on the captured tables.',
  },
  'database.dbname': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connection',
    validate: nonEmpty,
    doc: 'The database to capture; one for each connector.',
  },
  'database.sslmode': {
    type: 'STRING',
    default: 'prefer',
    importance: 'MEDIUM',
    group: 'Connection',
    validate: oneOfIgnoringCase(
      'disable',
      'allow',
      'prefer',
      'require',
      'verify-ca',
      'verify-full',
    ),
    doc: 'Whether the connection is encrypted, and how far the server is verified.',
  },
  'database.sslcert': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'File with the client certificate (PEM).',
  },
  'database.sslkey': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'File with the key of the client certificate (PEM).',
  },
  'database.sslpassword': {
    type: 'PASSWORD',
    default: null,
    group: 'Connection',
    doc: 'Password of the key file.',
  },
  'database.sslrootcert': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'File with the certificates of the authorities that are trusted (PEM).',
  },
  'database.tcpKeepAlive': {
    type: 'BOOLEAN',
    default: true,
    group: 'Connection',
    doc: 'Whether TCP keep-alive probes are sent.',
  },
  'connection.validation.timeout.ms': {
    type: 'INT',
    default: 60_000,
    group: 'Connection',
    validate: atLeast(1),
    doc: 'Longest wait for a connection.',
  },
});
