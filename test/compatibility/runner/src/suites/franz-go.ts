import { fetchGoModule, goTest } from '../go.ts';
import type { Suite } from '../suite.ts';

const VERSION = 'v1.22.2';

/** Groups of every kind, transactions, consume-produce loops: it checks order, doubles and gaps of what it reads. */
export const franzGo: Suite = {
  name: 'franz-go',
  about: `tests of franz-go ${VERSION} (pkg/kgo)`,
  tier: 'ci',
  async run(lab) {
    const module = await fetchGoModule(lab, 'github.com/twmb/franz-go', VERSION);
    const broker = await lab.startBroker({
      settings: { 'group.min.session.timeout.ms': '1000' },
    });
    return goTest(lab, {
      module,
      package: 'pkg/kgo',
      env: {
        KGO_SEEDS: broker.address,
        KGO_TEST_RF: '1',
        KGO_TEST_RECORDS: '20000',
        KGO_TEST_MAX_TOPIC_PARTS: '7',
      },
      timeoutMs: 300_000,
    });
  },
};
