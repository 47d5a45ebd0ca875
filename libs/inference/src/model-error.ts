/** A model directory cannot be used. The message is one sentence for the person who gave it. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
