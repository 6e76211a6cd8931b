import { classHint } from '../src/plugins/class-hint.ts';
import { describe, expect, test } from '@jest/globals';
import { defineTransform } from '@millrace/connector-api';
import { PluginRegistry } from '../src/plugins/plugin-registry.ts';
import { compareVersions, parseVersionRange } from '../src/plugins/version-range.ts';

describe('versions', () => {
  test('are ordered as Maven orders them', () => {
    const ordered = [
      '0.9',
      '1.0-alpha-1',
      '1.0-b2',
      '1.0-rc1',
      '1.0-SNAPSHOT',
      '1.0',
      '1.0-sp',
      '1.0.1',
      '1.2',
      '1.10',
      '2',
    ];
    for (const [index, version] of ordered.entries())
      for (const later of ordered.slice(index + 1)) {
        expect([version, later, Math.sign(compareVersions(version, later))]).toEqual([
          version,
          later,
          -1,
        ]);
        expect(Math.sign(compareVersions(later, version))).toBe(1);
      }
    expect(compareVersions('1', '1.0.0')).toBe(0);
    expect(compareVersions('3.6.0.Final', '3.6')).toBe(0);
  });

  test.each([
    ['1.0', ['1.0', '1.0.0'], ['1.0.1', '0.9']],
    ['[1.0]', ['1.0'], ['1.1']],
    ['[1.0,2.0)', ['1.0', '1.9.9'], ['2.0', '0.9']],
    ['(1.0,2.0]', ['1.0.1', '2.0'], ['1.0', '2.0.1']],
    ['(,1.0]', ['0.1', '1.0'], ['1.1']],
    ['[1.5,)', ['1.5', '99'], ['1.4']],
    ['(,1.0],[1.2,)', ['0.9', '1.0', '1.2'], ['1.1']],
    ['latest', ['0.1', '9'], []],
  ])('%s', (text, inside, outside) => {
    const range = parseVersionRange(text);
    if ('problem' in range) throw new Error(range.problem);
    for (const version of inside)
      expect([version, range.matches(version)]).toEqual([version, true]);
    for (const version of outside)
      expect([version, range.matches(version)]).toEqual([version, false]);
  });

  test.each(['', '[1.0', '1.0]', '[1.0,2.0', '(1.0)', '[2.0,1.0]', '[1.0,2.0],', '[]', '[1,2,3]'])(
    '"%s" is no range',
    (text) => {
      expect(parseVersionRange(text)).toHaveProperty('problem');
    },
  );
});

describe('names', () => {
  const plugin = (name: string, javaClasses: readonly string[] = [], version = '1.0.0') =>
    defineTransform({
      name,
      javaClasses,
      version,
      fields: {},
      create: () => ({ apply: (record) => record }),
    });
  const installed = (packageName: string, of: ReturnType<typeof plugin>) => ({
    plugin: of,
    packageName,
    packageVersion: of.version,
    location: `/plugins/${packageName}`,
  });

  test('a plugin takes no name away from what is shipped, but can be asked for by its version', () => {
    const shipped = plugin('mask', ['a.Mask'], '0.1.0');
    const other = plugin('better-mask', ['a.Mask'], '7.0.0');
    const registry = new PluginRegistry([shipped], [installed('better', other)]);
    expect(registry.find('transform', 'a.Mask')).toBe(shipped);
    expect(registry.find('transform', 'Mask')).toBe(shipped);
    expect(registry.find('transform', 'better-mask')).toBe(other);
    expect(registry.find('transform', 'a.Mask', '[7.0,8.0)')).toBe(other);
    expect(registry.find('transform', 'a.Mask', '[9.0,)')).toBeUndefined();
    expect(registry.nameProblems).toMatchObject([{ code: 'plugins.name_is_shipped' }]);
  });

  test('a shipped plugin alone is used whatever version is asked for: it stands for one of Java', () => {
    const shipped = plugin('mask', ['a.Mask'], '0.1.0');
    const registry = new PluginRegistry([shipped]);
    expect(registry.find('transform', 'a.Mask', '3.6.0.Final')).toBe(shipped);
    expect(registry.versionProblem('transform', 'a.Mask', '3.6.0.Final')).toBeUndefined();
    expect(registry.versionProblem('transform', 'a.Mask', '[3')).toMatch(/no version range/);
  });

  test('an alias of two different plugins means neither, unless one of them is shipped', () => {
    const shipped = plugin('one', ['a.One']);
    const left = plugin('left', ['b.Mask', 'b.One']);
    const right = plugin('right', ['c.Mask']);
    const registry = new PluginRegistry([shipped], [installed('l', left), installed('r', right)]);
    expect(registry.find('transform', 'Mask')).toBeUndefined();
    expect(registry.find('transform', 'b.Mask')).toBe(left);
    expect(registry.find('transform', 'One')).toBe(shipped);
    expect(registry.nameProblems).toEqual([]);
  });

  test('the second of two equal ones is left out, and said so', () => {
    const first = plugin('mask');
    const registry = new PluginRegistry(
      [],
      [
        installed('a', first),
        installed('b', plugin('mask', [], '2.0.0')),
        installed('a', plugin('mask')),
      ],
    );
    expect(registry.find('transform', 'mask')).toBe(first);
    expect(registry.list(false)).toHaveLength(1);
    expect(registry.nameProblems.map(({ code, package: name }) => [code, name])).toEqual([
      ['plugins.name_taken', 'b'],
      ['plugins.name_taken', 'a'],
    ]);
  });
});

test('of a transform that needs scripts of the JVM it is said what does its work', () => {
  expect(classHint('io.debezium.transforms.Filter', undefined)).toContain('transform "script"');
  expect(classHint('Flaten', 'Flatten')).toBe('Did you mean Flatten?');
});
