import { expect, test } from '@jest/globals';
import { reselectProblems, reselectRules } from '../src/index.ts';

const TYPE = 'io.debezium.processors.reselect.ReselectColumnsPostProcessor';

test('without keys of its own a reselector reads all that was not sent or is null, by the key of the table', () => {
  const [rule] = reselectRules({ 'post.processors': 'again', 'again.type': TYPE });
  expect(rule).toMatchObject({
    ofUnavailable: true,
    ofNulls: true,
    byEventKey: false,
    isStrict: false,
  });
  expect(rule?.selects('public.any:column')).toBe(true);
});

test('its keys stand behind its name; an include list goes before an exclude list', () => {
  const own = (
    keys: Record<string, string>,
  ): ReturnType<typeof reselectRules>[number] | undefined =>
    reselectRules({
      'post.processors': 'again',
      'again.type': TYPE,
      ...Object.fromEntries(
        Object.entries(keys).map(([key, value]) => [`again.reselect.${key}`, value]),
      ),
    })[0];
  const included = own({
    'columns.include.list': String.raw`public\.a:x, public\.b:.*`,
    'columns.exclude.list': String.raw`public\.a:x`,
    'unavailable.values': 'false',
    'null.values': 'false',
    'use.event.key': 'true',
    'error.handling.mode': 'fail',
  });
  expect(included).toMatchObject({
    ofUnavailable: false,
    ofNulls: false,
    byEventKey: true,
    isStrict: true,
  });
  expect(['public.a:x', 'PUBLIC.B:y', 'public.a:y'].map((id) => included?.selects(id))).toEqual([
    true,
    true,
    false,
  ]);
  const excluded = own({ 'columns.exclude.list': String.raw`public\.a:x` });
  expect(['public.a:x', 'public.a:y'].map((id) => excluded?.selects(id))).toEqual([false, true]);
});

test('what can not be is named, all at once', () => {
  const problems = reselectProblems({
    'post.processors': 'one, two',
    'one.type': 'com.example.Own',
    'two.type': TYPE,
    'two.reselect.error.handling.mode': 'perhaps',
    'two.reselect.columns.include.list': '(',
  });
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining('"one.type" is "com.example.Own"'),
    expect.stringContaining('"warn" or "fail"'),
    expect.stringContaining('no regular expression'),
  ]);
});
