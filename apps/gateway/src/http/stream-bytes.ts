/**
 * A body of the bytes that a generator yields. It is asked for the next ones only when the client has taken the last. An
 * error of the generator breaks the connection, so that the client does not take what it has for the whole.
 * @param end called when the client has left
 */
export function streamBytes(
  bytes: AsyncGenerator<Uint8Array, void>,
  end: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await bytes.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => {
        end();
        await bytes.return();
      },
    },
    { highWaterMark: 0 },
  );
}
