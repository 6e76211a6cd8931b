import { atLeast, between, defineFields, oneOfIgnoringCase } from '@millrace/config';
import { COMPATIBILITY_LEVELS } from '@millrace/schema-registry';

/** Keys of the embedded schema registry: Confluent's own ones after the prefix `schema.registry.`. */
export const registryFields = defineFields({
  'schema.registry.listeners': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    doc: "Where the embedded schema registry listens, as http://host:port separated by commas; Confluent's port is 8081. Empty: there is no registry.",
  },
  'schema.registry.kafkastore.topic': {
    type: 'STRING',
    default: '_schemas',
    doc: 'The compacted topic of one partition that holds everything the registry knows. It is created when it is not there.',
  },
  'schema.registry.kafkastore.topic.replication.factor': {
    type: 'INT',
    default: 3,
    validate: atLeast(1),
    doc: 'Replicas of that topic when it is created; fewer where there are not so many brokers.',
  },
  'schema.registry.kafkastore.timeout.ms': {
    type: 'INT',
    default: 5000,
    validate: atLeast(1),
    doc: 'A write or a look at the topic that takes longer fails with 50002.',
  },
  'schema.registry.kafkastore.init.timeout.ms': {
    type: 'INT',
    default: 60_000,
    validate: atLeast(1),
    doc: 'The topic must have been created and read within this time, else the worker does not start.',
  },
  'schema.registry.schema.compatibility.level': {
    type: 'STRING',
    default: 'BACKWARD',
    validate: oneOfIgnoringCase(...COMPATIBILITY_LEVELS),
    importance: 'HIGH',
    doc: 'The compatibility level where none is set by PUT /config: NONE, BACKWARD, FORWARD, FULL, or one of the last three with _TRANSITIVE.',
  },
  'schema.registry.schema.validate.fields': {
    type: 'BOOLEAN',
    default: false,
    doc: 'Whether reserved fields (confluent:reserved in the metadata) are checked.',
  },
  'schema.registry.schema.validate.new.schemas': {
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether names and defaults of new Avro schemas are checked.',
  },
  'schema.registry.schema.max.bytes': {
    type: 'INT',
    default: 1_000_000,
    validate: between(1, 100_000_000),
    doc: 'A larger schema is refused with 42209. The topic must take records as large.',
  },
  'schema.registry.mode.mutability': {
    type: 'BOOLEAN',
    default: true,
    doc: 'Whether PUT /mode is allowed.',
  },
  'schema.registry.group.id': {
    type: 'STRING',
    default: 'schema-registry',
    doc: 'The cluster of registries, as GET /v1/metadata/id names it.',
  },
  'schema.registry.schema.search.max.limit': {
    type: 'INT',
    default: 1000,
    validate: atLeast(1),
    doc: 'How many schemas GET /schemas answers with at most.',
  },
});
