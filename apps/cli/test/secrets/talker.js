/** A source and a sink that tell all that they know, in every way there is, wherever their `mood` says. */
const fields = {
  mood: { type: 'STRING', default: 'none', doc: 'Where it tells.' },
  topic: { type: 'STRING', default: 'records', doc: 'Where to.' },
  pin: { type: 'PASSWORD', default: '', doc: 'A secret whose name does not tell.' },
  'connection.password': { type: 'PASSWORD', default: '', doc: 'A secret.' },
  note: { type: 'STRING', default: '', doc: 'No secret, but for what a provider puts in.' },
  lines: { type: 'STRING', default: '', doc: 'As note.' },
};

const IS_TOLD = /pin|password|note|lines|jaas|url|copy|mixed/;

/** The secrets of a configuration one by one, as a map, escaped, in a list, in causes and in fields of errors. */
function tell(config) {
  const known = Object.fromEntries(Object.entries(config).filter(([key]) => IS_TOLD.test(key)));
  const texts = Object.values(known);
  const inner = Object.assign(new Error(`inner ${texts.join(' ')}`), { detail: texts.join(' ') });
  const many = new AggregateError([new TypeError(texts.join()), inner], 'several', {
    cause: inner,
  });
  const middle = new Error(JSON.stringify(known), { cause: many });
  const error = new Error(`told: ${texts.join(' | ')}`, { cause: middle });
  error.name = 'Told';
  return Object.assign(error, { known, where: { deep: [known] }, hint: texts.join() });
}

function logAll(log, config) {
  const known = Object.fromEntries(Object.entries(config).filter(([key]) => IS_TOLD.test(key)));
  const all = Object.values(known).join(' ');
  for (const level of ['debug', 'info', 'warn', 'error']) {
    log[level]({ all, seen: known, list: [[all]], err: tell(config) }, `says ${all}`);
    log.child({ all, seen: { known } })[level]({}, JSON.stringify(known));
  }
  log.info(
    { map: new Map([['a', all]]), bytes: Buffer.from(all), url: new URL('http://a/?' + all) },
    'odd',
  );
  log.info({ [all]: 'as a key' }, 'odd');
  log.warn({ err: all, thrown: { message: all, stack: all } }, 'no error');
}

function at(place, config) {
  if (config.mood === place) throw tell(config);
}

const connector = {
  javaClasses: [],
  version: '1.0.0',
  fields,
  rules: (config) =>
    config.mood === 'rules' ? [{ key: 'topic', message: tell(config).message }] : [],
  validate: async (config) => {
    at('validate', config);
    return config.mood === 'problems'
      ? [{ key: 'topic', message: `${tell(config).message} ${tell(config).cause.message}` }]
      : [];
  },
  taskConfigs: async (config) => {
    at('taskConfigs', config);
    return [{ ...config, copy: config.pin, mixed: `both ${config.note} and ${config.pin}` }];
  },
  alterOffsets: async (config) => {
    throw tell(config);
  },
  onDelete: async (config) => {
    throw tell(config);
  },
};

export const talkingSource = {
  ...connector,
  kind: 'source',
  name: 'talking-source',
  createTask: () => {
    let config = {};
    let log;
    let polls = 0;
    return {
      start: async (context) => {
        ({ config, log } = context);
        at('start', config);
        if (config.mood === 'log') logAll(log, config);
      },
      poll: async (signal) => {
        at('poll', config);
        if (config.mood === 'string') throw Object.values(config).join(' ');
        if (config.mood === 'object') throw { config, message: Object.values(config).join(' ') };
        if (config.mood === 'timer')
          setTimeout(() => {
            throw tell(config);
          }, 1);
        if (polls++ === 0)
          return [0, 1, 2].map((n) => ({
            topic: config.topic ?? 'records',
            partition: null,
            keySchema: null,
            key: null,
            valueSchema: null,
            value: { n },
            timestampMs: null,
            headers: [],
            sourcePartition: { from: 'here' },
            sourceOffset: { n },
          }));
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, 200);
          signal.addEventListener('abort', () => (clearTimeout(timer), resolve()));
        });
        return [];
      },
      commit: async () => at('commit', config),
      stop: async () => at('stop', config),
    };
  },
};

export const talkingSink = {
  ...connector,
  kind: 'sink',
  name: 'talking-sink',
  createTask: () => {
    let config = {};
    return {
      start: async (context) => {
        ({ config } = context);
        at('start', config);
        if (config.mood === 'log') logAll(context.log, config);
      },
      open: async () => at('open', config),
      put: async (records) => {
        at('put', config);
        return config.mood === 'failures'
          ? records.map((_record, index) => ({ index, error: tell(config) }))
          : [];
      },
      flush: async () => at('flush', config),
      close: async () => at('close', config),
      stop: async () => at('stop', config),
    };
  },
};

/** A transform whose own secret has a name that does not tell either. */
export const talkingTransform = {
  kind: 'transform',
  name: 'talking-transform',
  javaClasses: [],
  version: '1.0.0',
  fields: {
    pin: { type: 'PASSWORD', default: '', doc: 'A secret.' },
    mood: { type: 'STRING', default: 'apply', doc: 'Where it tells.' },
  },
  create: (config) => {
    at('create', config);
    return {
      apply: () => {
        throw tell(config);
      },
    };
  },
};
