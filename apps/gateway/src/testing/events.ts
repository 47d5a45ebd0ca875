export interface ServerEvent {
  event: string;
  id: string | undefined;
  data: Record<string, unknown>;
}

/** Reads the events of a stream one by one; undefined at its end. */
export function eventsOf(response: Response) {
  const reader = (
    response.body ?? new ReadableStream()
  ).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const decoder = new TextDecoder();
  let text = '';
  return {
    async next(): Promise<ServerEvent | undefined> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end === -1) {
          const { value, done } = await reader.read();
          if (done) return undefined;
          text += decoder.decode(value, { stream: true });
          continue;
        }
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => line.split(/: (.*)/s)),
        ) as Record<string, string>;
        text = text.slice(end + 2);
        if (fields['event'] === undefined) continue;
        return {
          event: fields['event'],
          id: fields['id'],
          data: JSON.parse(fields['data'] ?? '') as Record<string, unknown>,
        };
      }
    },
    async rest(): Promise<ServerEvent[]> {
      const events: ServerEvent[] = [];
      for (let event = await this.next(); event !== undefined; event = await this.next())
        events.push(event);
      return events;
    },
    cancel: () => reader.cancel(),
  };
}
