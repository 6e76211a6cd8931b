import type { MetricFamily, MetricSample } from '@millrace/foundation';

export type Labels = Readonly<Record<string, string>>;

/** Collects samples of one name into one family. */
export class Families {
  readonly #families = new Map<
    string,
    { readonly family: MetricFamily; readonly samples: MetricSample[] }
  >();

  add(name: string, labels: Labels, value: number): void {
    const known = this.#families.get(name);
    if (known !== undefined) {
      known.samples.push({ labels, value });
      return;
    }
    const samples = [{ labels, value }];
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    this.#families.set(name, { family: { name, help: helpOf(name), type, samples }, samples });
  }

  addAll(prefix: string, labels: Labels, values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) this.add(`${prefix}${name}`, labels, value);
  }

  /** A text of Connect's: a gauge of one whose label is the text, as the JMX exporter's usual rules make it. */
  addText(prefix: string, attribute: string, labels: Labels, text: string): void {
    this.add(`${prefix}${attribute}`, { ...labels, [attribute]: text }, 1);
  }

  list(): readonly MetricFamily[] {
    return [...this.#families.values()].map(({ family }) => family);
  }
}

const HELP: Readonly<Record<string, string>> = {
  millrace_task_lag_records: 'records that are at this stage of the way through the task',
  millrace_task_lag_bytes: 'bytes that are at this stage, where they are known or can be estimated',
  millrace_task_lag_ms: 'how long they have been there, or how old what came last was',
  millrace_task_stage_ms_total: 'milliseconds that the task spent at this stage, waiting included',
  millrace_task_restarts_total: 'restarts of the task without a person',
};

function helpOf(name: string): string {
  return HELP[name] ?? name.replace(/^kafka_connect_/, '').replaceAll('_', ' ');
}
