import { atLeast, between, defineFields, nonEmpty, oneOf } from '@millrace/config';

const SERVER_ID_MAX = 4_294_967_295;

/** How the server is reached. */
export const connectionFields = defineFields({
  'database.port': {
    type: 'INT',
    default: 3306,
    importance: 'HIGH',
    group: 'Connection',
    validate: between(1, 65_535),
    doc: 'Port of the server.',
  },
  'database.user': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connection',
    validate: nonEmpty,
    doc: 'User with SELECT on the captured tables, REPLICATION SLAVE and REPLICATION CLIENT; RELOAD or LOCK TABLES for a locked snapshot.',
  },
  'database.server.id': {
    type: 'LONG',
    importance: 'HIGH',
    group: 'Connection',
    validate: between(1, SERVER_ID_MAX),
    doc: 'The number under which this connector reads the binlog: unlike that of each server and of each other reader, or the server ends one of the two.',
  },
  'database.server.id.offset': {
    type: 'LONG',
    default: 10_000,
    group: 'Connection',
    validate: atLeast(0),
    doc: 'Accepted; the connections of a snapshot are no replicas here and need no numbers.',
  },
  'connect.timeout.ms': {
    type: 'INT',
    default: 30_000,
    group: 'Connection',
    validate: atLeast(1),
    doc: 'Longest wait for a connection.',
  },
  'connection.validation.timeout.ms': {
    type: 'INT',
    default: 60_000,
    group: 'Connection',
    validate: atLeast(1),
    doc: 'Longest time for the test of the connection when a configuration is validated.',
  },
  'connect.keep.alive': {
    type: 'BOOLEAN',
    default: true,
    group: 'Connection',
    doc: 'Whether a server that has gone silent is noticed: it is asked for heartbeats, and the connection made anew when they stay away.',
  },
  'connect.keep.alive.interval.ms': {
    type: 'LONG',
    default: 60_000,
    group: 'Connection',
    validate: atLeast(100),
    doc: 'After so long a silence the server is taken for gone; it is asked for a heartbeat each 0.8 of that.',
  },
  'binlog.net.write.timeout': {
    type: 'LONG',
    default: 0,
    group: 'Connection',
    validate: atLeast(0),
    doc: 'Seconds that the server waits for us to take binlog (net_write_timeout of the session); 0 leaves what the server has.',
  },
  'binlog.net.read.timeout': {
    type: 'LONG',
    default: 0,
    group: 'Connection',
    validate: atLeast(0),
    doc: 'Seconds that the server waits for us to say something (net_read_timeout of the session); 0 leaves what the server has.',
  },
  'database.ssl.keystore': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'File with the certificate and key of the client: PKCS#12, or PEM with both.',
  },
  'database.ssl.keystore.password': {
    type: 'PASSWORD',
    default: null,
    group: 'Connection',
    doc: 'Password of that file.',
  },
  'database.ssl.truststore': {
    type: 'STRING',
    default: null,
    group: 'Connection',
    doc: 'File with the certificates of the authorities that are trusted: PEM.',
  },
  'database.ssl.truststore.password': {
    type: 'PASSWORD',
    default: null,
    group: 'Connection',
    doc: 'Accepted; certificates in PEM have no password.',
  },
  'use.nongraceful.disconnect': {
    type: 'BOOLEAN',
    default: false,
    group: 'Connection',
    doc: 'Accepted; the connection of the stream is always reset when it ends.',
  },
});

/** `database.ssl.mode` of MySQL; the words of MariaDB differ. */
export const mysqlSslMode = defineFields({
  'database.ssl.mode': {
    type: 'STRING',
    default: 'preferred',
    importance: 'MEDIUM',
    group: 'Connection',
    validate: oneOf('disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'),
    recommended: ['disabled', 'preferred', 'required', 'verify_ca', 'verify_identity'],
    doc: 'Whether the connection is encrypted, and how far the server is verified.',
  },
});

export const mariadbSslMode = defineFields({
  'database.ssl.mode': {
    type: 'STRING',
    default: 'disable',
    importance: 'MEDIUM',
    group: 'Connection',
    validate: oneOf('disable', 'trust', 'verify-ca', 'verify-full'),
    recommended: ['disable', 'trust', 'verify-ca', 'verify-full'],
    doc: 'Whether the connection is encrypted, and how far the server is verified.',
  },
});
