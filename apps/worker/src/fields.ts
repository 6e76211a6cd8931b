import { atLeast, defineFields, oneOfIgnoringCase } from '@millrace/config';
import { restFields } from './rest/rest-fields.ts';
import { registryFields } from './registry/fields.ts';

/** The worker's keys that the app itself reads; the runtime and the broker have their own. */
export const appFields = defineFields({
  'bootstrap.servers': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'The Kafka cluster to use, as host:port separated by commas. Left out: the embedded log.',
  },
  'tracing.otlp.endpoint': {
    type: 'STRING',
    default: null,
    doc: 'Where OpenTelemetry traces go, as http://host:4318. Left out: OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere.',
  },
  'tracing.record.headers': {
    type: 'BOOLEAN',
    default: false,
    doc: 'With tracing, whether records of sources carry the trace on, in the headers traceparent and tracestate.',
  },
  'data.dir': {
    type: 'STRING',
    default: './data',
    importance: 'HIGH',
    doc: 'Folder of the embedded log and whatever else must survive a restart.',
  },
  ...restFields,
  'offset.storage.file.filename': {
    type: 'STRING',
    default: null,
    doc: 'Accepted from connect-standalone.properties. Offsets are kept in the log, in offset.storage.topic.',
  },
  'plugin.path': {
    type: 'LIST',
    default: [],
    doc: "Folders of plugins, separated by commas: each a package with a millrace entry in its package.json, or a folder of packages. Java archives are not loaded; Kafka Connect's class names mean the plugins shipped here.",
  },
  'plugin.discovery': {
    type: 'STRING',
    default: 'hybrid_warn',
    importance: 'LOW',
    validate: oneOfIgnoringCase('only_scan', 'hybrid_warn', 'hybrid_fail', 'service_load'),
    doc: "Accepted from Kafka Connect's files: how Java plugins are searched for. Packages say what they hold.",
  },
  'plugin.load.timeout.ms': {
    type: 'LONG',
    default: 10_000,
    importance: 'LOW',
    validate: atLeast(1),
    doc: 'How long the import of one plugin package may take before it is left out.',
  },
  'log.level': {
    type: 'STRING',
    default: 'info',
    validate: oneOfIgnoringCase('error', 'warn', 'info', 'debug', 'silent'),
    doc: 'Least important log lines that are written.',
  },
  ...registryFields,
});
