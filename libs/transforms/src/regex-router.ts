import { defineFields } from '@millrace/config';
import { javaRegex, javaReplacement, wholeRegex } from './java-regex.ts';
import { single } from './plugin.ts';

const fields = defineFields({
  regex: {
    type: 'STRING',
    importance: 'HIGH',
    doc: 'Regular expression to use for matching; the whole topic name must match.',
    validate: javaRegex,
  },
  replacement: { type: 'STRING', importance: 'HIGH', doc: 'Replacement string.' },
});

/** Another topic, by pattern. Key and value are not looked at. */
export const regexRouter = single('regex-router', 'RegexRouter', fields, (settings) => {
  const pattern = wholeRegex(settings.regex);
  const replacement = javaReplacement(settings.replacement);
  return {
    apply: (record) =>
      pattern.test(record.topic)
        ? { ...record, topic: record.topic.replace(pattern, replacement) }
        : record,
  };
});
