import { atLeast, defineFields } from '@millrace/config';

const INT_MAX = 2_147_483_647;

export const quotaFields = defineFields({
  'quota.window.num': {
    type: 'INT',
    default: 11,
    validate: atLeast(1),
    doc: 'Windows over which rates of clients are measured.',
  },
  'quota.window.size.seconds': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Length of each of these windows.',
  },
  'controller.quota.window.num': {
    type: 'INT',
    default: 11,
    validate: atLeast(1),
    doc: 'Windows over which a client may save up changes of topics.',
  },
  'controller.quota.window.size.seconds': {
    type: 'INT',
    default: 1,
    validate: atLeast(1),
    doc: 'Length of each of these windows.',
  },
  'client.quotas.max': {
    type: 'INT',
    default: 10_000,
    validate: atLeast(1),
    doc: 'Most users, client ids and addresses that have quotas. No key of Kafka’s.',
  },
  'max.connections.per.ip': {
    type: 'INT',
    default: INT_MAX,
    validate: atLeast(0),
    doc: 'Most connections of one address at a time.',
  },
  'max.connections.per.ip.overrides': {
    type: 'STRING',
    default: '',
    doc: 'The same for single addresses: 10.0.0.1:100,10.0.0.2:50.',
  },
});
