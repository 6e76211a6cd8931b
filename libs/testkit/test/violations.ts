import type { ContractCase } from '../src/contract/contract.ts';

/** The promises that are not kept, with what is said of them. */
export async function violationsOf(cases: readonly ContractCase[]): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const { name, run } of cases)
    try {
      await run();
    } catch (error) {
      violations.push(`${name} — ${error instanceof Error ? error.message : String(error)}`);
    }
  return violations;
}
