import { defineFields, validRegex } from '@millrace/config';
import { javaReplacing } from './java-replacement.ts';
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
  const route = javaReplacing(settings.regex, settings.replacement);
  // Topics are few and come again with each record.
  let last: { readonly topic: string; readonly routed: string } | undefined;
  return (draft) => {
    const { topic } = draft;
    if (last?.topic !== topic) last = { topic, routed: route(topic) };
    draft.topic = last.routed;
    return true;
  };
});
