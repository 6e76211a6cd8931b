import { atLeast, defineFields, oneOfIgnoringCase } from '@millrace/config';

/** The class by which a file written for Kafka Connect asks for passwords. */
export const BASIC_AUTH_EXTENSION =
  'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';

/** Keys of the REST API: where it listens, who may use it, how much of it. */
export const restFields = defineFields({
  listeners: {
    type: 'LIST',
    default: ['http://127.0.0.1:8083'],
    importance: 'HIGH',
    doc: 'Where the REST API listens, as http://host:port or https://host:port separated by commas; without a host on all interfaces, with port 0 on any free one. Beyond loopback only with rest.auth.*, with ssl.client.auth=required, or with allow.unauthenticated.access.',
  },
  'admin.listeners': {
    type: 'LIST',
    default: null,
    doc: 'Where /admin/loggers is served, as for listeners; absent: there; empty: nowhere.',
  },
  'rest.advertised.host.name': {
    type: 'STRING',
    default: null,
    doc: 'The host name by which this worker is called; part of its worker id.',
  },
  'rest.advertised.port': {
    type: 'INT',
    default: null,
    doc: 'The port that goes with rest.advertised.host.name, when it is not the one listened on.',
  },
  'rest.advertised.listener': {
    type: 'STRING',
    default: null,
    validate: oneOfIgnoringCase('http', 'https'),
    doc: 'The protocol by which this worker is called, when listeners has both: its port is part of the worker id.',
  },
  'rest.extension.classes': {
    type: 'LIST',
    default: [],
    validate: (classes) =>
      classes.every((name) => name === BASIC_AUTH_EXTENSION)
        ? undefined
        : `REST extensions are Java classes; only ${BASIC_AUTH_EXTENSION} is known, and its users are in rest.auth.basic.file`,
    doc: "Accepted from Kafka Connect's files: its class for basic authentication, which needs rest.auth.basic.file.",
  },
  'allow.unauthenticated.access': {
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    doc: 'Whether the REST API may be reachable from other machines while it asks nobody who he is. Without it the worker refuses to start.',
  },
  'rest.auth.basic.file': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: "Users who may use the REST API, a properties file of NAME=PASSWORD or NAME=scrypt:SALT:HASH (see docs/operations). Read again when it changes. Kafka Connect's: the file of PropertyFileLoginModule.",
  },
  'rest.auth.bearer.file': {
    type: 'STRING',
    default: null,
    doc: 'Tokens that may use the REST API, a properties file of NAME=TOKEN or NAME=sha256:HEX. Read again when it changes.',
  },
  'rest.auth.jwt.jwks': {
    type: 'STRING',
    default: null,
    doc: 'Keys by which JSON web tokens are checked: a file, or an https:// address, of a JSON web key set.',
  },
  'rest.auth.jwt.secret': {
    type: 'PASSWORD',
    default: null,
    doc: 'The secret by which JSON web tokens of HS256, HS384 and HS512 are checked; at least 32 bytes.',
  },
  'rest.auth.jwt.issuer': {
    type: 'STRING',
    default: null,
    doc: 'Who must have issued a JSON web token.',
  },
  'rest.auth.jwt.audience': {
    type: 'STRING',
    default: null,
    doc: 'Whom a JSON web token must be for.',
  },
  'access.control.allow.origin': {
    type: 'LIST',
    default: [],
    doc: 'Origins whose web pages may use the REST API, or *. Empty: none (no CORS).',
  },
  'access.control.allow.methods': {
    type: 'LIST',
    default: [],
    doc: 'Methods that those pages may use; empty for GET, POST and HEAD.',
  },
  'response.http.headers.config': {
    type: 'STRING',
    default: '',
    doc: 'Headers for every answer, such as "set X-Frame-Options: DENY", separated by commas.',
  },
  'rest.request.bytes.max': {
    type: 'INT',
    default: 16_777_216,
    importance: 'LOW',
    validate: atLeast(1024),
    doc: 'The largest body of a request; above it 413.',
  },
  'rest.requests.max': {
    type: 'INT',
    default: 20_000,
    importance: 'LOW',
    validate: atLeast(1),
    doc: 'Requests that may wait for their answer at once; above it 503.',
  },
  'rest.connections.max': {
    type: 'INT',
    default: 20_000,
    importance: 'LOW',
    validate: atLeast(1),
    doc: 'Connections of clients to one listener; further ones are closed at once.',
  },
  'rest.headers.timeout.ms': {
    type: 'INT',
    default: 60_000,
    importance: 'LOW',
    validate: atLeast(100),
    doc: 'How long a client may take from its connection to the end of the head of its request.',
  },
  'rest.body.timeout.ms': {
    type: 'INT',
    default: 90_000,
    importance: 'LOW',
    validate: atLeast(100),
    doc: 'How long a client may take to send a whole request.',
  },
});
