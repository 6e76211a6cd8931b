/** Levels as Kafka Connect's REST API names them (Log4j), and the least severe of ours that each lets through. */
const LEVELS = {
  OFF: 0,
  FATAL: 0,
  ERROR: 1,
  WARN: 2,
  INFO: 3,
  DEBUG: 4,
  TRACE: 4,
  ALL: 4,
} as const;

const SEVERITIES = { error: 1, warn: 2, info: 3, debug: 4 } as const;

/** INV-6: names come from requests. */
const NAMES_MAX = 10_000;
const ROOT = 'root';

export type LevelName = keyof typeof LEVELS;

export interface LoggerLevel {
  readonly level: LevelName;
  /** Milliseconds since the epoch; null when it is as configured at the start. */
  readonly last_modified: number | null;
}

/** Which messages are written, by logger name; a name without a level of its own has that of the nearest before a dot. */
export class LogLevels {
  readonly #now: () => number;
  readonly #levels = new Map<string, LoggerLevel>();
  #changes = 0;

  constructor(root: LevelName, now: () => number = Date.now) {
    this.#now = now;
    this.#levels.set(ROOT, { level: root, last_modified: null });
  }

  /** Grows with every change, so that a logger can remember its level. */
  get changes(): number {
    return this.#changes;
  }

  /** Those that have a level of their own, by name. */
  list(): Readonly<Record<string, LoggerLevel>> {
    return Object.fromEntries([...this.#levels].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  find(name: string): LoggerLevel | undefined {
    return this.#levels.get(name === '' ? ROOT : name);
  }

  /** Sets the level of a logger and of all below it, and names those that it changed. */
  set(name: string, level: LevelName): readonly string[] {
    const below = [...this.#levels.keys()].filter((each) => isBelow(each, name));
    const isFull = !this.#levels.has(name) && this.#levels.size >= NAMES_MAX;
    const names = [...new Set(isFull ? below : [...below, name])];
    const changed = names.filter((each) => this.#levels.get(each)?.level !== level).sort();
    for (const each of changed) this.#levels.set(each, { level, last_modified: this.#now() });
    this.#changes++;
    return changed;
  }

  /** Takes the level away that a logger has of its own. */
  clear(name: string): void {
    if (name !== ROOT && this.#levels.delete(name)) this.#changes++;
  }

  /** The level that holds for a logger, its own or that of the nearest above it. */
  levelOf(name: string): LevelName {
    for (let key = name; key !== ''; key = key.slice(0, Math.max(key.lastIndexOf('.'), 0))) {
      const found = this.#levels.get(key);
      if (found !== undefined) return found.level;
    }
    return this.#levels.get(ROOT)?.level ?? 'INFO';
  }

  /** The most verbose severity that a logger of this name writes. */
  severityOf(name: string): number {
    return LEVELS[this.levelOf(name)];
  }
}

export function severity(level: keyof typeof SEVERITIES): number {
  return SEVERITIES[level];
}

/** In any case of letters; `silent` is the word of our own configuration for OFF. */
export function levelNamed(text: string): LevelName | undefined {
  const upper = text.trim().toUpperCase();
  if (upper === 'SILENT') return 'OFF';
  return isLevel(upper) ? upper : undefined;
}

function isLevel(text: string): text is LevelName {
  return Object.hasOwn(LEVELS, text);
}

function isBelow(name: string, above: string): boolean {
  return above === ROOT || name.startsWith(`${above}.`);
}
