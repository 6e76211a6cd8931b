import { atLeast, defineFields, each, oneOfIgnoringCase } from '@millrace/config';

function tlsField(
  displayName: string,
  doc: string,
): {
  readonly type: 'STRING';
  readonly default: null;
  readonly importance: 'LOW';
  readonly group: string;
  readonly displayName: string;
  readonly doc: string;
} {
  return {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName,
    doc,
  };
}

function tlsSecret(
  displayName: string,
  doc: string,
): Omit<ReturnType<typeof tlsField>, 'type'> & { readonly type: 'PASSWORD' } {
  return { ...tlsField(displayName, doc), type: 'PASSWORD' };
}

/** The keys under which Confluent's serializers and converters find and trust a registry. */
export const registryClientFields = defineFields({
  'schema.registry.url': {
    type: 'LIST',
    importance: 'HIGH',
    group: 'Schema Registry',
    displayName: 'Schema Registry URLs',
    doc: 'Comma-separated list of URLs of schema registry instances; the next one is asked when one does not answer.',
    validate: (urls) =>
      urls.length === 0
        ? 'at least one URL is needed'
        : each((url) => (isHttpUrl(url) ? undefined : 'every entry must be an http or https URL'))(
            urls,
          ),
  },
  'max.schemas.per.subject': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Max Schemas Per Subject',
    doc: 'How many schemas are kept by id, and how many by subject, in each converter.',
    validate: atLeast(1),
  },
  'basic.auth.credentials.source': {
    type: 'STRING',
    default: 'URL',
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Basic Auth Credentials Source',
    recommended: ['URL', 'USER_INFO', 'SASL_INHERIT'],
    doc: 'Where name and password for the registry are: in the URL, in basic.auth.user.info, or in sasl.jaas.config.',
    validate: oneOfIgnoringCase('url', 'user_info', 'sasl_inherit'),
  },
  'basic.auth.user.info': {
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Basic Auth User Info',
    aliases: ['schema.registry.basic.auth.user.info'],
    doc: 'Name and password for the registry, as name:password.',
  },
  'sasl.jaas.config': {
    type: 'PASSWORD',
    default: '',
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'SASL JAAS Config',
    doc: 'With basic.auth.credentials.source=SASL_INHERIT: name and password are taken from here.',
  },
  'bearer.auth.credentials.source': {
    type: 'STRING',
    default: 'STATIC_TOKEN',
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Bearer Auth Credentials Source',
    recommended: ['STATIC_TOKEN'],
    doc: 'Where the bearer token for the registry is from.',
    validate: oneOfIgnoringCase('static_token'),
  },
  'bearer.auth.token': {
    type: 'PASSWORD',
    default: '',
    importance: 'MEDIUM',
    group: 'Schema Registry',
    displayName: 'Bearer Auth Token',
    doc: 'The token for the registry; used instead of name and password.',
  },
  'bearer.auth.logical.cluster': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Bearer Auth Logical Cluster',
    doc: 'Sent as target-sr-cluster beside a bearer token.',
  },
  'bearer.auth.identity.pool.id': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Bearer Auth Identity Pool',
    doc: 'Sent as Confluent-Identity-Pool-Id beside a bearer token.',
  },
  'http.read.timeout.ms': {
    type: 'INT',
    default: 60_000,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Request Timeout',
    aliases: ['schema.registry.http.read.timeout.ms'],
    doc: 'How long a registry has for a complete answer, connecting included.',
    validate: atLeast(1),
  },
  'max.retries': {
    type: 'INT',
    default: 3,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Max Retries',
    aliases: ['schema.registry.max.retries'],
    doc: 'How often the whole list of URLs is tried again before the record counts as failed, retriably.',
    validate: atLeast(0),
  },
  'retries.wait.ms': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Retries Wait',
    aliases: ['schema.registry.retries.wait.ms'],
    doc: 'The pause before the first retry; doubled each time.',
    validate: atLeast(0),
  },
  'retries.max.wait.ms': {
    type: 'INT',
    default: 20_000,
    importance: 'LOW',
    group: 'Schema Registry',
    displayName: 'Retries Max Wait',
    aliases: ['schema.registry.retries.max.wait.ms'],
    doc: 'The longest pause between retries.',
    validate: atLeast(0),
  },
  'schema.registry.ssl.truststore.type': tlsField(
    'Trust Store Type',
    'PEM, when there is a trust store for the registry.',
  ),
  'schema.registry.ssl.truststore.location': tlsField(
    'Trust Store',
    'A file of certificates in PEM that sign those of the registry.',
  ),
  'schema.registry.ssl.truststore.certificates': tlsField(
    'Trusted Certificates',
    'The same certificates inline.',
  ),
  'schema.registry.ssl.keystore.type': tlsField(
    'Key Store Type',
    'PEM or PKCS12, when the registry asks for a certificate.',
  ),
  'schema.registry.ssl.keystore.location': tlsField(
    'Key Store',
    'A file with key and certificate for the registry.',
  ),
  'schema.registry.ssl.keystore.certificate.chain': tlsField(
    'Certificate Chain',
    'The certificate for the registry inline, in PEM.',
  ),
  'schema.registry.ssl.keystore.key': tlsSecret(
    'Private Key',
    'The key of that certificate inline, in PEM.',
  ),
  'schema.registry.ssl.keystore.password': tlsSecret('Key Store Password', 'Opens the key store.'),
  'schema.registry.ssl.key.password': tlsSecret('Key Password', 'Opens the key.'),
  'schema.registry.ssl.endpoint.identification.algorithm': tlsField(
    'Endpoint Identification',
    'Empty: the host name in the certificate of the registry is not checked.',
  ),
});

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'http:' || protocol === 'https:';
}
