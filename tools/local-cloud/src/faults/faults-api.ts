import { ApiError } from '../api-error.ts';
import type { Faults } from './faults.ts';

export interface FaultsReply {
  readonly status: number;
  readonly body: object;
}

export interface FaultsApiParts {
  readonly faults: Faults;
  /** Called with a fault that was just set. */
  readonly onSet: (id: string) => void;
}

/**
 * Handles a call below `/_local/faults`.
 * @param path the decoded rest of the path: ``, `/ID`, `/log`, `/held` or `/held/NUMBER`
 * @throws ApiError if the path does not exist or the body is invalid
 */
export function answerFaults(
  { faults, onSet }: FaultsApiParts,
  call: { method: string; path: string; query: URLSearchParams; input: unknown },
): FaultsReply {
  const { method, path, query, input } = call;
  const known = path
    .replace(/^\/held\/\d+$/, '/held/NUMBER')
    .replace(/^\/(?!log$|held$|held\/).+/, '/ID');
  switch (`${method} ${known}`) {
    case 'GET ':
      return { status: 200, body: { faults: faults.list() } };
    case 'POST ': {
      const outcome = faults.set(input);
      if (outcome.kind === 'refused') {
        throw new ApiError('BadRequest', outcome.reason, outcome.status);
      }
      onSet(outcome.fault.id);
      return { status: 201, body: outcome.fault };
    }
    case 'DELETE ':
      faults.clearAll();
      return { status: 200, body: { faults: [] } };
    case 'GET /log':
      return { status: 200, body: { entries: faults.journal.entries(logFilter(query)) } };
    case 'GET /held':
      return { status: 200, body: { held: faults.held.list() } };
    case 'DELETE /held/NUMBER': {
      const id = Number(path.slice('/held/'.length));
      const released = faults.held.release(id);
      if (released !== undefined) return { status: 200, body: released };
      throw new ApiError('NotFound', `No call ${id} is held.`, 404);
    }
    case 'GET /ID':
      return { status: 200, body: find(faults, path.slice(1)) };
    case 'DELETE /ID': {
      const cleared = find(faults, path.slice(1));
      faults.clear(cleared.id);
      return { status: 200, body: cleared };
    }
    default:
      throw new ApiError('NotFound', `${method} is not served on /_local/faults${path}.`, 404);
  }
}

function find(faults: Faults, id: string) {
  const found = faults.list().find((fault) => fault.id === id);
  if (found !== undefined) return found;
  throw new ApiError('NotFound', `No fault ${id} is set.`, 404);
}

function logFilter(query: URLSearchParams) {
  return {
    fault: query.get('fault') ?? undefined,
    after: Number(query.get('after') ?? 0),
  };
}
