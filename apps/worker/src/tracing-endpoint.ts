/** `tracing.otlp.endpoint`, or the variables of OpenTelemetry; undefined: no tracing. */
export function tracingEndpoint(
  configured: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const base = configured ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (configured === null && environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] !== undefined)
    return environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (base === undefined || base.trim() === '') return undefined;
  return base.endsWith('/v1/traces') ? base : `${base.replace(/\/$/, '')}/v1/traces`;
}
