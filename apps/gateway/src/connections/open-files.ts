/** Files of the process itself: standard streams, Node's files, the listener and the long polls. */
const OWN = 40;
/** A request can have two AWS calls in progress, the image and the message, on a socket each, up to the agents' limit. */
const AWS_PER_CONNECTION = 2;
const AWS_AT_MOST = 2 * 256;
/** Callers that are being refused. */
const REFUSED_AT_MOST = 256;
/** Each takes 20 KB of memory, plus its upload. */
const CONNECTIONS_AT_MOST = 10_000;

export interface ConnectionRoom {
  /** Connections that are served. */
  max: number;
  /** Beyond them, those that are being refused. */
  maxRefused: number;
}

/**
 * How many connections fit into the open files of a process, so that accepting one never fails: the system would
 * reset the caller then.
 */
export function connectionRoom(openFiles: number): ConnectionRoom {
  const room = openFiles - OWN;
  const connections = Math.max(
    Math.floor(room / (1 + AWS_PER_CONNECTION + 1)),
    room - AWS_AT_MOST - REFUSED_AT_MOST,
    1,
  );
  const max = Math.min(connections, CONNECTIONS_AT_MOST);
  return { max, maxRefused: Math.min(max, REFUSED_AT_MOST) };
}

/**
 * The limit of open files from the text of `/proc/self/limits`. Node raises the soft limit to the hard one at its
 * start. Infinity where none is set.
 */
export function openFilesLimit(limits: string): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Infinity : Number(soft);
}
