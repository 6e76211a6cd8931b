/** One measured path: ours, the natural limit or a peer, taken in turns in one run on one machine. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(report: Report): Promise<void>;
}

export interface Series {
  readonly label: string;
  readonly unit: string;
  readonly values: readonly number[];
}

export interface Report {
  /** What makes the figures comparable: sizes, acks, fsync, clients. */
  setting(line: string): void;
  /** Ours against a limit where more is better; prints medians, ranges and the ratio beside the goal. */
  compare(ours: Series, limit: Series, goal: string): void;
  /** A figure with nothing beside it but its goal. */
  figure(series: Series, goal: string): void;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

export function consoleReport(write: (line: string) => void): Report {
  const show = ({ label, unit, values }: Series): string => {
    const range = `[${format(Math.min(...values))} - ${format(Math.max(...values))}]`;
    return `  ${label.padEnd(34)} ${format(median(values)).padStart(14)} ${unit.padEnd(10)} ${range} of ${values.length}`;
  };
  return {
    setting: (line) => write(`  ${line}`),
    compare(ours, limit, goal) {
      write(show(ours));
      write(show(limit));
      write(`  ratio ${(median(ours.values) / median(limit.values)).toFixed(2)}   (goal: ${goal})`);
    },
    figure(series, goal) {
      write(show(series));
      write(`  (goal: ${goal})`);
    },
  };
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}
