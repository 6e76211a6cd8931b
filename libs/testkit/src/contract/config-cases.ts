import { checkConfig, type ConfigProblem } from '@millrace/config';
import type { ComponentConfig, ConfigValidation, Plugin } from '@millrace/connector-api';
import { type ContractCase, ContractViolation, expectThat, within } from './contract-case.ts';

const SECRET_KEY = /(^|[._-])(password|passwd|secret|token|credentials?|passphrase|api[._-]?key)$/i;
const NAME = /^[\w.$-]+$/;

/** Opens a world, and gives its configuration, which is valid while the world is there. */
export type InWorld = (use: (config: ComponentConfig) => Promise<void>) => Promise<void>;

/** What a configuration promises, of any plugin. */
export function pluginCases(plugin: Plugin, inWorld: InWorld): readonly ContractCase[] {
  const fields = Object.entries(plugin.fields);
  return [
    {
      name: 'plugin: it has a name and a version that a configuration can ask for',
      run: async () => {
        expectThat(NAME.test(plugin.name), `the name "${plugin.name}" is no word`);
        expectThat(typeof plugin.version === 'string', 'the version is no text');
        for (const name of plugin.javaClasses)
          expectThat(NAME.test(name), `the Java class "${name}" is no class name`);
        await Promise.resolve();
      },
    },
    {
      name: 'config: each field says what it is for, and its default passes its own check',
      run: async () => {
        for (const [key, field] of fields) {
          expectThat(field.doc.trim() !== '', `"${key}" has no doc`);
          if (field.default === undefined || field.default === null || field.type === 'PASSWORD')
            continue;
          const text = Array.isArray(field.default)
            ? field.default.join(',')
            : String(field.default);
          const { problems } = checkConfig({ [key]: field }, { [key]: text });
          expectThat(
            problems.length === 0,
            `the default of "${key}" is refused: ${textOf(problems)}`,
          );
        }
        await Promise.resolve();
      },
    },
    {
      name: 'config: a valid one is accepted; a missing or senseless value is a problem of its key',
      run: () =>
        inWorld((valid) => {
          const { problems } = checkConfig(plugin.fields, valid);
          expectThat(
            problems.length === 0,
            `the valid configuration is refused: ${textOf(problems)}`,
          );
          for (const [key, field] of fields) {
            const without = Object.fromEntries(
              Object.entries(valid).filter(([each]) => each !== key),
            );
            const missing = checkConfig({ [key]: field }, without).problems;
            expectThat(
              (field.default === undefined) === missing.length > 0 ||
                (field.aliases ?? []).some((each) => each in valid),
              `"${key}" has ${field.default === undefined ? 'no' : 'a'} default, and without a value there ${missing.length > 0 ? 'is a' : 'is no'} problem`,
            );
            if (!['INT', 'SHORT', 'LONG', 'DOUBLE', 'BOOLEAN'].includes(field.type)) continue;
            const senseless = checkConfig(plugin.fields, { ...valid, [key]: 'senseless' }).problems;
            expectThat(
              senseless.some((problem) => problem.key === key),
              `"${key}" takes "senseless" for a ${field.type}`,
            );
          }
          return Promise.resolve();
        }),
    },
    {
      name: 'config: keys that hold secrets are of type PASSWORD, which is never shown',
      run: async () => {
        for (const [key, field] of fields)
          expectThat(
            !SECRET_KEY.test(key) || field.type === 'PASSWORD',
            `"${key}" looks like a secret, and is of type ${field.type}`,
          );
        await Promise.resolve();
      },
    },
  ];
}

/** Rules across fields, of connectors. */
export function validationCases(
  connector: Plugin &
    ConfigValidation & {
      taskConfigs(config: ComponentConfig, tasksMax: number): Promise<readonly ComponentConfig[]>;
    },
  inWorld: InWorld,
  limitMs: number,
): readonly ContractCase[] {
  const known = new Set(Object.keys(connector.fields));
  const check = (problems: readonly ConfigProblem[]): void => {
    for (const { key, message } of problems) {
      const isKnown =
        known.has(key) || ['topics', 'topics.regex', 'tasks.max', 'name'].includes(key);
      expectThat(isKnown, `a problem is named for "${key}", which is no key of its own`);
      expectThat(message.trim() !== '', `the problem of "${key}" has no message`);
    }
  };
  return [
    {
      name: 'config: rules and validate accept a valid configuration, and throw for none',
      run: () =>
        inWorld(async (valid) => {
          const rules = connector.rules?.(valid) ?? [];
          expectThat(rules.length === 0, `rules refuse the valid configuration: ${textOf(rules)}`);
          const problems = await validate(connector, valid, limitMs);
          expectThat(
            problems.length === 0,
            `validate refuses the valid configuration: ${textOf(problems)}`,
          );
          for (const key of known) {
            const field = connector.fields[key];
            if (
              field?.type !== 'STRING' ||
              checkConfig({ [key]: field }, { [key]: 'senseless' }).problems.length > 0
            )
              continue;
            const senseless = { ...valid, [key]: 'senseless' };
            try {
              check(connector.rules?.(senseless) ?? []);
            } catch (error) {
              if (error instanceof ContractViolation) throw error;
              throw new ContractViolation(`rules throw for ${key}=senseless: ${String(error)}`);
            }
          }
        }),
    },
    {
      name: 'config: validate ends when it is aborted',
      run: () =>
        inWorld(async (valid) => {
          if (connector.validate === undefined) return;
          const stop = new AbortController();
          const validating = connector.validate(valid, stop.signal).catch(() => []);
          stop.abort(new Error('stopped'));
          await within(limitMs, 'an aborted validate', () => validating);
        }),
    },
    {
      name: 'config: task configurations are flat texts, at most tasks.max, and the same each time',
      run: () =>
        inWorld(async (valid) => {
          for (const tasksMax of [1, 2, 7]) {
            const ask = (): Promise<readonly ComponentConfig[]> =>
              within(limitMs, 'taskConfigs', () => connector.taskConfigs(valid, tasksMax));
            const first = await ask();
            expectThat(
              first.length <= tasksMax,
              `taskConfigs makes ${first.length} tasks, where tasks.max is ${tasksMax}`,
            );
            for (const task of first)
              for (const [key, value] of Object.entries(task))
                expectThat(
                  typeof value === 'string',
                  `"${key}" of a task configuration is no text`,
                );
            expectThat(
              JSON.stringify(first) === JSON.stringify(await ask()),
              'taskConfigs answers differently to the same question, so tasks restart for nothing',
            );
          }
        }),
    },
  ];
}

async function validate(
  connector: ConfigValidation,
  config: ComponentConfig,
  limitMs: number,
): Promise<readonly ConfigProblem[]> {
  if (connector.validate === undefined) return [];
  const { signal } = new AbortController();
  try {
    return await within(
      limitMs,
      'validate',
      async () => connector.validate?.(config, signal) ?? [],
    );
  } catch (error) {
    if (error instanceof ContractViolation) throw error;
    throw new ContractViolation(`validate throws: ${String(error)}`);
  }
}

function textOf(problems: readonly ConfigProblem[]): string {
  return problems.map(({ key, message }) => `${key}: ${message}`).join('; ');
}
