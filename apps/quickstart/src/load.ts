import { type Clock, isAborted } from '@millrace/foundation';
import type { Client } from 'pg';
import type { ShopSize } from './shop.ts';

const TRANSACTION_PAUSE_MS = 20;

/** What happens in a shop, one transaction each; `$1` is a running number. */
const EVENTS: readonly (readonly string[])[] = [
  [
    `insert into orders (id, customer_id, total) select 1000000 + $1::bigint, 1 + $1 % customers, 0 from size`,
    `insert into order_lines select 1000000 + $1::bigint, l, 'SKU-' || lpad((1 + ($1 * l) % products)::text, 6, '0'), l, 9.99 * l
     from size, generate_series(1, 3) l`,
    `update orders set total = (select sum(price * quantity) from order_lines where order_id = orders.id) where id = 1000000 + $1::bigint`,
  ],
  [`update orders set status = 'paid' where id = 1 + ($1 * 17) % (select orders from size)`],
  [
    `update products set price = price + 0.01, updated_at = clock_timestamp()
    where sku = 'SKU-' || lpad((1 + $1 % (select products from size))::text, 6, '0')`,
  ],
  [
    `update customers set vip = not vip, preferences = preferences || jsonb_build_object('seen', $1::int)
    where id = 1 + ($1 * 31) % (select customers from size)`,
  ],
  [`delete from orders where id = 1000000 + $1::bigint - 40`],
];

/** A small, steady stream of inserts, updates and deletes until `signal`; returns the number of transactions. */
export async function runLoad(
  client: Client,
  size: ShopSize,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const sizes = `with size (customers, products, orders) as (values (${size.customers}, ${size.products}, ${size.orders}))`;
  let count = 0;
  while (!isAborted(signal)) {
    const event = EVENTS[count % EVENTS.length] ?? [];
    await client.query('begin');
    for (const statement of event)
      await client.query(`${sizes} ${statement.replaceAll('$1', String(count))}`);
    await client.query('commit');
    count++;
    await clock.sleep(TRANSACTION_PAUSE_MS, signal).catch(() => undefined); // woken early only by the stop
  }
  return count;
}
