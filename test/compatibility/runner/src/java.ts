import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { hasProgram } from './program.ts';
import { Unavailable } from './suite.ts';

const SOURCES = join(import.meta.dirname, '../../java');
export const KAFKA_VERSION = '4.1.0';
const JAVA_MIN = 17;
const TIMEOUT_MS = 60_000;

const JVM = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

export interface JavaOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  /** An answer other than 0 is no error. */
  readonly isFailureWanted?: boolean;
}

/** Apache Kafka's jars, and what runs with them. */
export class KafkaJars {
  readonly folder: string;
  readonly #lab: Lab;

  private constructor(lab: Lab, folder: string) {
    this.#lab = lab;
    this.folder = folder;
  }

  /** @throws Unavailable without Java, Maven or their registry */
  static async fetch(lab: Lab): Promise<KafkaJars> {
    for (const program of ['java', 'javac', 'mvn'])
      if (!hasProgram(program)) throw new Unavailable(`${program} is not installed`);
    const said = await lab.run('java', ['-version']);
    const version = Number(/version "(\d+)/.exec(said.stderr)?.[1] ?? 0);
    if (version < JAVA_MIN) throw new Unavailable(`java ${JAVA_MIN} is needed, here is ${version}`);
    const pom = join(SOURCES, 'pom.xml');
    const id = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
    const folder = lab.cacheFolder(`kafka-${KAFKA_VERSION}-${id}`);
    if (!existsSync(join(folder, 'complete'))) {
      const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies'];
      await lab.prepare('jars of Maven Central', 'mvn', [
        ...args,
        `-DoutputDirectory=${join(folder, 'lib')}`,
      ]);
      await lab.prepare('jars', 'touch', [join(folder, 'complete')]);
    }
    return new KafkaJars(lab, folder);
  }

  get classPath(): string {
    return `${join(this.folder, 'lib')}/*`;
  }

  /** The arguments of `java` for this class; `jvm` over the defaults. */
  args(main: string, args: readonly string[], jvm: readonly string[] = []): readonly string[] {
    return [...JVM, ...jvm, '-cp', `${this.folder}/classes:${this.classPath}`, main, ...args];
  }

  /**
   * Runs a class to its end and answers what it printed on standard output.
   * @throws Error when it fails
   */
  async run(main: string, args: readonly string[], options: JavaOptions = {}): Promise<string> {
    const { input, timeoutMs = TIMEOUT_MS, isFailureWanted = false } = options;
    const result = await this.#lab.run('java', this.args(main, args), {
      timeoutMs,
      ...(input === undefined ? {} : { input }),
    });
    if (result.isTimedOut)
      throw new Error(`${main} did not end in ${timeoutMs} ms: ${result.tail}`);
    if ((result.code === 0) === isFailureWanted)
      throw new Error(`${main} ended with ${result.code ?? 'a signal'}: ${result.tail}`);
    return result.stdout;
  }

  /** Compiles our own source of this name. */
  async compile(name: string): Promise<void> {
    const classes = join(this.folder, 'classes');
    mkdirSync(classes, { recursive: true });
    const args = ['-cp', this.classPath, '-d', classes, join(SOURCES, `${name}.java`)];
    const result = await this.#lab.run('javac', args);
    if (result.code !== 0) throw new Error(`javac ${name}: ${result.tail}`);
  }
}
