import type { FileProblem, LocatedConfig, LocatedValue } from './located-config.ts';

/** Gathers what a reader finds; later values of a key replace earlier ones, and that is a problem. */
export class Locations {
  readonly #values = new Map<string, LocatedValue>();
  readonly #sections = new Map<string, number>();
  readonly #problems: FileProblem[] = [];

  add(path: readonly string[], value: unknown, line: number): void {
    const id = JSON.stringify(path);
    const earlier = this.#values.get(id);
    if (earlier !== undefined)
      this.#report(
        'duplicate',
        line,
        `the key "${path.join('.')}" is there twice, first in line ${earlier.line}`,
      );
    this.#values.delete(id);
    this.#values.set(id, { path, value, line });
  }

  section(path: readonly string[], line: number): void {
    this.#sections.set(path.join('.'), line);
  }

  problem(line: number, message: string): void {
    this.#report('syntax', line, message);
  }

  #report(kind: FileProblem['kind'], line: number, message: string): void {
    this.#problems.push({ kind, line, message });
  }

  get found(): LocatedConfig {
    const problems = this.#problems.sort((left, right) => left.line - right.line);
    return { values: [...this.#values.values()], sections: this.#sections, problems };
  }
}

/** Turns positions in a text into lines, from 1. CR, LF and CRLF each end one. */
export function lineCounter(text: string): (position: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return (position) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
