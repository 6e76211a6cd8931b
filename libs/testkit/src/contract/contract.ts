export { ContractViolation, type ContractCase } from './contract-case.ts';
export {
  converterContract,
  transformContract,
  type ConverterSubject,
  type TransformSubject,
} from './pure-cases.ts';
export { SAMPLES, sinkRecord, type Sample } from './samples.ts';
export { sinkContract } from './sink-cases.ts';
export type { SinkSubject, SinkWorld } from './sink-subject.ts';
export { sourceContract } from './source-cases.ts';
export type { SourceSubject, SourceWorld } from './source-subject.ts';
