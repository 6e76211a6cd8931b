export { parseListener, type Listener } from './rest/listener.ts';
export { ProcessMetrics } from './rest/process-metrics.ts';
export { prometheusText } from './rest/prometheus.ts';
export {
  createRestApplication,
  type RestApplication,
  type RestApplicationOptions,
} from './rest/rest-application.ts';
export { RestModule } from './rest/rest.module.ts';
export { RestServer } from './rest/rest-server.ts';
export { HERDER, REST_OPTIONS, type RestOptions } from './rest/tokens.ts';
