const REDELIVERY_BASE_SECONDS = 1;
const REDELIVERY_CAP_SECONDS = 300;

/**
 * How long a message whose attempt failed stays invisible. The bound doubles with each receive from 1 s to
 * 300 s, and its upper half is jittered. So attempts at an image that fails
 * are further and further apart.
 * @param receiveCount at least 1
 * @param random 0 to 1
 * @returns whole seconds, as SQS counts them, at least 1
 */
export function redeliveryDelaySeconds(receiveCount: number, random: number): number {
  const bound = Math.min(
    REDELIVERY_CAP_SECONDS,
    REDELIVERY_BASE_SECONDS * 2 ** Math.min(receiveCount - 1, 30),
  );
  return Math.max(1, Math.round(bound / 2 + (random * bound) / 2));
}
