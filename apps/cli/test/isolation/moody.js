/** A source of `count` numbered records, which then does what its mood says. */
const moods = {
  good: async () => undefined,
  loop: () => {
    for (;;);
  },
  memory: () => {
    const all = [];
    for (;;) all.push({ text: `${all.length}`.repeat(10) });
  },
  throw: async () => {
    setTimeout(() => {
      throw new Error('thrown from a timer');
    }, 1);
  },
  exit: async () => process.exit(7),
  fail: async () => {
    throw new Error('no mood for it', { cause: new TypeError('the deeper reason') });
  },
};

export const moody = {
  kind: 'source',
  name: 'moody',
  javaClasses: [],
  version: '1.0.0',
  fields: {
    topic: { type: 'STRING', doc: 'Where to.' },
    mood: { type: 'STRING', doc: 'What it does after its records.' },
    count: { type: 'INT', doc: 'How many records.' },
  },
  taskConfigs: (config) => Promise.resolve([config]),
  createTask: () => {
    let next = 0;
    let config = {};
    const partition = { source: 'moody' };
    return {
      start: async (context) => {
        config = context.config;
        next = Number(context.offsets.find(partition)?.n ?? 0);
      },
      poll: async (signal) => {
        const records = [];
        for (; next < Number(config.count) && records.length < 100; next++)
          records.push({
            topic: config.topic,
            partition: null,
            keySchema: null,
            key: null,
            valueSchema: null,
            value: `value ${next}`,
            timestampMs: null,
            headers: [],
            sourcePartition: partition,
            sourceOffset: { n: next + 1 },
          });
        if (records.length > 0) return records;
        await moods[config.mood]();
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, 50);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
          });
        });
        return [];
      },
      stop: async () => undefined,
    };
  },
};

/** A sink whose first batch never ends. */
export const moodySink = {
  kind: 'sink',
  name: 'moody-sink',
  javaClasses: [],
  version: '1.0.0',
  fields: {},
  taskConfigs: (config) => Promise.resolve([config]),
  createTask: () => ({
    start: async () => undefined,
    put: moods.loop,
    stop: async () => undefined,
  }),
};
