import { defineFields, nonEmpty, validRegex, wholeRegex } from '@millrace/config';
import { predicate } from './plugin.ts';

export const topicNameMatches = predicate(
  'topic-name-matches',
  'TopicNameMatches',
  defineFields({
    pattern: {
      type: 'STRING',
      importance: 'MEDIUM',
      doc: 'A regular expression that the whole topic name must match.',
      validate: validRegex,
    },
  }),
  ({ pattern }) => {
    const whole = wholeRegex(pattern);
    return ({ topic }) => whole.test(topic);
  },
);

export const recordIsTombstone = predicate(
  'record-is-tombstone',
  'RecordIsTombstone',
  {},
  () =>
    ({ isTombstone }) =>
      isTombstone,
);

export const hasHeaderKey = predicate(
  'has-header-key',
  'HasHeaderKey',
  defineFields({
    name: { type: 'STRING', importance: 'MEDIUM', doc: 'The header name.', validate: nonEmpty },
  }),
  ({ name }) =>
    ({ headers }) =>
      headers.some(({ key }) => key === name),
);
