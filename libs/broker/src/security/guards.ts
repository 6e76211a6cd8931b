import { adminGuards } from './guards/admin-guards.ts';
import type { Guard } from './guards/guard.ts';
import { groupGuards } from './guards/group-guards.ts';
import { recordGuards } from './guards/record-guards.ts';
import { topicGuards } from './guards/topic-guards.ts';
import { transactionGuards } from './guards/transaction-guards.ts';

const GUARDS: ReadonlyMap<number, Guard> = new Map(
  [...adminGuards, ...groupGuards, ...recordGuards, ...topicGuards, ...transactionGuards].map(
    (guard) => [guard.key, guard],
  ),
);

/** What is asked before a request of this api is handled. An api without any is refused to who has not all rights. */
export function findGuard(apiKey: number): Guard | undefined {
  return GUARDS.get(apiKey);
}
