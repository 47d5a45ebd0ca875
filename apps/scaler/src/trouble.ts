import { AwsCallError } from '@labelfleet/aws/errors';

/** A fleet call that did not do what was asked: a value of the tick, for its log line and the metrics. */
export interface Trouble {
  call: 'launch' | 'tag' | 'terminate';
  /** EC2's answer, or `failed` where none came. */
  kind: 'no-capacity' | 'throttled' | 'limit' | 'refused' | 'not-found' | 'failed';
  detail: string;
}

/**
 * Makes a call to AWS; its failure is a value, since the next tick tries again.
 * @throws whatever is no AwsCallError: that is a fault of our own
 */
export async function attempt<T>(
  call: () => Promise<T>,
): Promise<{ kind: 'answered'; answer: T } | { kind: 'failed'; detail: string }> {
  try {
    return { kind: 'answered', answer: await call() };
  } catch (error) {
    if (error instanceof AwsCallError) return { kind: 'failed', detail: error.message };
    throw error;
  }
}
