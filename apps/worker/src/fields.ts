import { atLeast, defineFields, oneOfIgnoringCase } from '@millrace/config';
import { registryFields } from './registry/fields.ts';

/** The worker's keys that the app itself reads; the runtime and the broker have their own. */
export const appFields = defineFields({
  'bootstrap.servers': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'The Kafka cluster to use, as host:port separated by commas. Left out: the embedded log.',
  },
  'data.dir': {
    type: 'STRING',
    default: './data',
    importance: 'HIGH',
    doc: 'Folder of the embedded log and whatever else must survive a restart.',
  },
  listeners: {
    type: 'LIST',
    default: ['http://127.0.0.1:8083'],
    importance: 'HIGH',
    doc: 'Where the REST API listens, as http://host:port separated by commas; without a host on all interfaces, with port 0 on any free one.',
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
    validate: oneOfIgnoringCase('http'),
    doc: 'The protocol by which this worker is called; http is the only one.',
  },
  'rest.extension.classes': {
    type: 'LIST',
    default: [],
    validate: (classes) =>
      classes.length === 0
        ? undefined
        : 'REST extensions are not supported; without the one that asks for passwords the API would be open. Put a proxy before it',
    doc: 'Must be empty: REST extensions are Java classes.',
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
