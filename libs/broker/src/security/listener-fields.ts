import { atLeast, defineFields, oneOf } from '@millrace/config';

const HOUR_MS = 3_600_000;

/**
 * What each listener may have of its own: `listener.name.<name>.` before the key, and for those of SASL the mechanism
 * in lower case after it, as in Kafka. Without the prefix a key holds for all listeners.
 */
export const listenerFields = defineFields({
  'allow.unauthenticated.access': {
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    doc: 'Whether a listener that asks nobody who he is may be reachable from other machines. Without it the broker refuses to start. No key of Kafka’s.',
  },
  'max.connections': {
    type: 'INT',
    // Kafka has no limit; this stays below the usual limit of open files.
    default: 10_000,
    validate: atLeast(1),
    doc: 'Most connections at a time; further ones are closed at once. With the prefix of a listener, those of this one.',
  },
  'max.connection.creation.rate': {
    type: 'INT',
    default: 2_147_483_647,
    validate: atLeast(1),
    doc: 'Most new connections a second; further ones wait to be accepted. With the prefix of a listener, those of this one.',
  },
  'ssl.keystore.type': {
    type: 'STRING',
    default: 'JKS',
    validate: oneOf('PEM', 'PKCS12', 'JKS'),
    doc: 'Form of the key and certificate. JKS and PKCS12 are told from one another by what is in the file, as Java does.',
  },
  'ssl.keystore.location': {
    type: 'STRING',
    default: null,
    doc: 'File with the private key and the certificate chain. Read again when it changes.',
  },
  'ssl.keystore.password': { type: 'PASSWORD', default: null, doc: 'Password of the key store.' },
  'ssl.key.password': { type: 'PASSWORD', default: null, doc: 'Password of the private key.' },
  'ssl.keystore.key': {
    type: 'PASSWORD',
    default: null,
    doc: 'The private key itself, as PEM (PKCS#8).',
  },
  'ssl.keystore.certificate.chain': {
    type: 'PASSWORD',
    default: null,
    doc: 'The certificate chain itself, as PEM, the own one first.',
  },
  'ssl.truststore.type': {
    type: 'STRING',
    default: 'JKS',
    validate: oneOf('PEM', 'PKCS12', 'JKS'),
    doc: 'Form of the certificates that sign those of clients. JKS and PKCS12 are told from one another by what is in the file.',
  },
  'ssl.truststore.location': {
    type: 'STRING',
    default: null,
    doc: 'File with the certificates that sign those of clients. Read again when it changes.',
  },
  'ssl.truststore.password': {
    type: 'PASSWORD',
    default: null,
    doc: 'Password of the trust store.',
  },
  'ssl.truststore.certificates': {
    type: 'PASSWORD',
    default: null,
    doc: 'The certificates that sign those of clients, as PEM.',
  },
  'ssl.client.auth': {
    type: 'STRING',
    default: 'none',
    validate: oneOf('none', 'requested', 'required'),
    doc: 'Whether a client has to show a certificate, may, or is not asked.',
  },
  'ssl.principal.mapping.rules': {
    type: 'STRING',
    default: 'DEFAULT',
    doc: 'How the name in a certificate becomes the name of a user: RULE:pattern/replacement/[LU], or DEFAULT for the whole name.',
  },
  'ssl.enabled.protocols': {
    type: 'LIST',
    default: ['TLSv1.2', 'TLSv1.3'],
    doc: 'Versions of TLS that are spoken.',
  },
  'ssl.cipher.suites': {
    type: 'LIST',
    default: null,
    doc: 'Cipher suites, under their IANA or OpenSSL names; null for those of Node.js.',
  },
  'sasl.enabled.mechanisms': {
    type: 'LIST',
    default: null,
    doc: 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER. Must be given for a SASL listener.',
  },
  'sasl.jaas.config': {
    type: 'PASSWORD',
    default: null,
    doc: 'Options of a mechanism, as listener.name.<name>.<mechanism>.sasl.jaas.config. For PLAIN the users: …PlainLoginModule required user_alice="password";',
  },
  'sasl.server.max.receive.size': {
    type: 'INT',
    default: 524_288,
    validate: atLeast(8),
    doc: 'Largest request before authentication.',
  },
  'sasl.server.callback.handler.class': {
    type: 'CLASS',
    default: null,
    doc: 'Accepted; how tokens are checked follows from sasl.oauthbearer.jwks.endpoint.url.',
  },
  'connections.max.reauth.ms': {
    type: 'LONG',
    default: 0,
    validate: atLeast(0),
    doc: 'After so long a client has to authenticate anew on its connection (KIP-368); 0 for never.',
  },
  'sasl.oauthbearer.jwks.endpoint.url': {
    type: 'STRING',
    default: null,
    doc: 'Where the keys are that sign tokens: an http(s) address or a file:// one. Without it tokens without a signature are taken, which proves nothing and is for tests.',
  },
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': {
    type: 'LONG',
    default: HOUR_MS,
    validate: atLeast(1),
    doc: 'How long the keys are used before they are asked for again.',
  },
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': {
    type: 'LONG',
    default: 100,
    validate: atLeast(1),
    doc: 'First pause after the keys could not be got.',
  },
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': {
    type: 'LONG',
    default: 10_000,
    validate: atLeast(1),
    doc: 'Longest pause after the keys could not be got.',
  },
  'sasl.oauthbearer.expected.audience': {
    type: 'LIST',
    default: null,
    doc: 'A token must be made for one of these.',
  },
  'sasl.oauthbearer.expected.issuer': {
    type: 'STRING',
    default: null,
    doc: 'A token must be made by this one.',
  },
  'sasl.oauthbearer.clock.skew.seconds': {
    type: 'INT',
    default: 30,
    validate: atLeast(0),
    doc: 'How far the clocks of broker and issuer may differ.',
  },
  'sasl.oauthbearer.scope.claim.name': {
    type: 'STRING',
    default: 'scope',
    doc: 'Claim of a token with its scope.',
  },
  'sasl.oauthbearer.sub.claim.name': {
    type: 'STRING',
    default: 'sub',
    doc: 'Claim of a token with the name of the user.',
  },
});

/** Security that all listeners share. */
export const securityFields = defineFields({
  'listener.security.protocol.map': {
    type: 'LIST',
    default: [
      'SASL_SSL:SASL_SSL',
      'PLAINTEXT:PLAINTEXT',
      'SSL:SSL',
      'SASL_PLAINTEXT:SASL_PLAINTEXT',
    ],
    doc: 'What each listener name speaks: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
  },
  'authorizer.class.name': {
    type: 'STRING',
    default: '',
    validate: oneOf(
      '',
      'standard',
      'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'kafka.security.authorizer.AclAuthorizer',
    ),
    doc: 'standard, or Kafka’s class name, checks every request against the ACLs. Empty: everybody may do everything.',
  },
  'acls.max': {
    type: 'INT',
    default: 100_000,
    validate: atLeast(1),
    doc: 'Most ACLs. No key of Kafka’s.',
  },
  'super.users': {
    type: 'STRING',
    default: '',
    doc: 'Who may do everything, with semicolons between: User:admin;User:CN=ops,O=Mill.',
  },
  'allow.everyone.if.no.acl.found': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Whether everybody may do everything with what no ACL is about.',
  },
  'controller.listener.names': {
    type: 'LIST',
    default: [],
    doc: 'Listeners for controllers. One node has no use for them; they are not opened.',
  },
  'sasl.scram.bootstrap.users': {
    type: 'PASSWORD',
    default: null,
    doc: 'First SCRAM users, made at the start unless they exist, in the form of kafka-storage --add-scram, several with a semicolon: SCRAM-SHA-256=[name=admin,password=secret]. No key of Kafka’s.',
  },
  'connection.failed.authentication.delay.ms': {
    type: 'INT',
    default: 100,
    validate: atLeast(0),
    doc: 'How long a client waits for the news that its authentication failed.',
  },
  'connection.authentication.timeout.ms': {
    type: 'INT',
    default: 30_000,
    validate: atLeast(1),
    doc: 'A connection that is not authenticated, or has sent no request, after this time is closed. No key of Kafka’s.',
  },
  'ssl.files.check.interval.ms': {
    type: 'LONG',
    default: 10_000,
    validate: atLeast(1),
    doc: 'How often key and trust stores are looked at for changes. No key of Kafka’s.',
  },
});
