import { defineFields, validRegex, wholeRegex } from '@millrace/config';
import { javaReplacement } from './java-replacement.ts';
import { single } from './plugin.ts';

const fields = defineFields({
  regex: {
    type: 'STRING',
    importance: 'HIGH',
    doc: 'Regular expression to use for matching; the whole topic name must match.',
    validate: validRegex,
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
