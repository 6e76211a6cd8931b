import { defineFields } from '@millrace/config';
import { unsuitableRecord } from './errors.ts';
import { JavaDateFormat } from './java-date-format.ts';
import { single } from './plugin.ts';

const fields = defineFields({
  'topic.format': {
    type: 'STRING',
    default: '${topic}-${timestamp}',
    importance: 'HIGH',
    doc: 'The new topic; ${topic} and ${timestamp} stand for the old one and the formatted timestamp.',
  },
  'timestamp.format': {
    type: 'STRING',
    default: 'yyyyMMdd',
    importance: 'HIGH',
    doc: 'A SimpleDateFormat pattern for the timestamp of the record, in UTC.',
  },
});

/** The topic gets the time of the record in its name. */
export const timestampRouter = single('timestamp-router', 'TimestampRouter', fields, (settings) => {
  const format = new JavaDateFormat(settings['timestamp.format']);
  return (draft) => {
    const { timestampMs, topic } = draft;
    if (timestampMs === null)
      throw unsuitableRecord(`Timestamp missing on record: of topic ${topic}`);
    const timestamp = format.format(new Date(timestampMs));
    draft.topic = settings['topic.format']
      .replaceAll('${topic}', () => topic)
      .replaceAll('${timestamp}', () => timestamp);
    return true;
  };
});
