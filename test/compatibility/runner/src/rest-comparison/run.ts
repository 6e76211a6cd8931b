import { systemClock } from '@millrace/foundation';
import { outcome } from '../outcomes.ts';
import type { Outcome } from '../suite.ts';
import { comparedOf, differenceOf, withoutMore, type Aspect, type Compared } from './compare.ts';
import { sendAsIs, type HttpAnswer } from './http.ts';
import type { Ask, Scenario, Settle } from './steps.ts';

const SETTLE_MS = 20_000;
const POLL_MS = 40;
const ASPECTS: readonly Aspect[] = ['status', 'content type', 'headers', 'body'];

/** The two that are asked the same. */
export interface Pair {
  readonly ours: string;
  readonly theirs: string;
}

/** One outcome for each aspect of each answer. A scenario that can't go on is one failure. */
export async function runScenario(pair: Pair, scenario: Scenario): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of scenario.steps) {
    try {
      if (step.kind === 'ask')
        outcomes.push(...(await compare(pair, `${scenario.name}: ${step.name}`, step)));
      else await Promise.all([pair.ours, pair.theirs].map((base) => untilSettled(base, step)));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return [...outcomes, outcome(`${scenario.name}: goes to its end`, 'failed', detail)];
    }
  }
  return outcomes;
}

async function compare({ ours, theirs }: Pair, name: string, ask: Ask): Promise<Outcome[]> {
  const [left, right] = await Promise.all([
    sendPatiently(ours, ask).then((answer) => comparedOf(answer, ours)),
    sendPatiently(theirs, ask).then((answer) => comparedOf(answer, theirs)),
  ]);
  return ASPECTS.map((aspect) => verdict(`${name}: ${aspect}`, aspect, left, right));
}

function verdict(test: string, aspect: Aspect, ours: Compared, theirs: Compared): Outcome {
  const difference = differenceOf(withoutMore(ours[aspect], theirs[aspect]), theirs[aspect]);
  return outcome(test, difference === undefined ? 'passed' : 'failed', difference ?? '');
}

/**
 * Connect refuses what comes while its group rebalances, and clients ask again. What it shows in
 * between, `UNASSIGNED`, depends on the instant: a worker that is alone gets past it by itself.
 */
async function sendPatiently(base: string, ask: Ask): Promise<HttpAnswer> {
  const deadlineMs = systemClock.monotonicMs() + SETTLE_MS;
  for (;;) {
    const answer = await sendAsIs(base, ask);
    const isRebalancing = answer.status >= 409 && answer.text.includes('rebalance');
    const isBetween = ask.method === 'GET' && answer.text.includes('"state":"UNASSIGNED"');
    if (!(isRebalancing || isBetween) || systemClock.monotonicMs() > deadlineMs) return answer;
    await systemClock.sleep(POLL_MS);
  }
}

async function untilSettled(base: string, { path, pattern }: Settle): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + SETTLE_MS;
  const ask = { method: 'GET', path, headers: {}, body: undefined };
  for (;;) {
    const { text } = await sendAsIs(base, ask);
    if (pattern.test(text)) return;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${base}${path} does not become ${String(pattern)}: ${text.slice(0, 400)}`);
    await systemClock.sleep(POLL_MS);
  }
}
