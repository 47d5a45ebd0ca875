/**
 * Runs tasks one at a time, in order. libvips has one error buffer for the whole process, so concurrent decodes could
 * get each other's errors.
 */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // The chain only keeps the order; the caller gets the error.
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
