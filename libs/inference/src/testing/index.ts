export * from './fake-classifier.ts';
