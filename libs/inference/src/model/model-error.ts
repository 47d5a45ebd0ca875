/** A model directory cannot be used. The message is a sentence for the user. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
