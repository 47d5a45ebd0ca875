/**
 * Runs tasks one after the other, in the order they come in. libvips has one text of errors for the whole
 * process: of two decodes at once each could get the other's.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // Only the order counts here; the caller has the error.
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
