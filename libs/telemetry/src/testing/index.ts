export * from './otlp-receiver.ts';
export * from './promtool.ts';
