import type { MetricFamily, MetricSample } from '@millrace/foundation';

/**
 * Prometheus' text format 0.0.4. Families of one name, which may come from several parts of the worker, are written
 * as one, since the format allows a name to be declared once only.
 */
export function prometheusText(families: readonly MetricFamily[]): string {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = byName.get(family.name);
    const samples = known === undefined ? family.samples : [...known.samples, ...family.samples];
    byName.set(family.name, { ...(known ?? family), samples });
  }
  return [...byName.values()].map((family) => familyText(family)).join('');
}

function familyText({ name, help, type, samples }: MetricFamily): string {
  const lines = samples.map(
    (sample) => `${name}${labelsText(sample)} ${valueText(sample.value)}\n`,
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText({ labels }: MetricSample): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function valueText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
