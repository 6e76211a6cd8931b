import { MillraceError } from '@millrace/foundation';

/** Two tables have the same topic after sanitising, such as `a-b` and `a b`. Leave one out or route it elsewhere. */
export function topicCollision(topic: string, first: string, second: string): MillraceError {
  return new MillraceError({
    code: 'cdc.topic_collision',
    retry: 'fatal',
    message: `tables ${first} and ${second} would both be written to topic "${topic}"`,
    hint: 'exclude one of the two with table.exclude.list, or capture it with a connector of its own',
    context: { topic, first, second },
  });
}
