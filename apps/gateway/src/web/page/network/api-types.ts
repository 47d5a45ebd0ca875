/** The gateway's answers, with the fields that the page reads (docs/http-api.md). */

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  requestId?: string | undefined;
}

export interface Prediction {
  label: string;
  score: number;
  classIndex: number;
}

export interface EstimatedWait {
  lowSeconds: number;
  /** Null while nobody can say. */
  highSeconds: number | null;
  basis: string;
}

interface Queue {
  aheadApproximately?: number | undefined;
  estimatedWait?: EstimatedWait | undefined;
}

export interface Classification extends Queue {
  id: string;
  status: 'queued' | 'succeeded' | 'failed' | 'canceled';
  fileName?: string | undefined;
  label?: string | null | undefined;
  unknown?: boolean | undefined;
  predictions?: Prediction[] | undefined;
  problem?: Problem | undefined;
  model?: { name: string; version: string; sha256: string } | undefined;
  submittedAt?: string | undefined;
  completedAt?: string | undefined;
  attempts?: number | undefined;
  timings?: Record<'queuedMs' | 'fetchMs' | 'decodeMs' | 'inferMs' | 'totalMs', number> | undefined;
  worker?: string | undefined;
  cost?: { currency: string; total: number } | undefined;
}

/** An image of a batch; one that was refused on arrival has no id. */
export type BatchItem = Omit<Classification, 'id'> & { index: number; id?: string | undefined };

export interface BatchProgress extends Queue {
  counts: Record<'total' | 'queued' | 'succeeded' | 'failed' | 'canceled', number>;
}

export interface Batch extends BatchProgress {
  id: string;
  status: 'running' | 'completed';
  items: BatchItem[];
}

export type WorkerState = 'booting' | 'idle' | 'busy' | 'draining' | 'suspected';

export interface Fleet {
  at: string;
  publishedEverySeconds: number;
  stale: boolean;
  workers: Record<WorkerState, number>;
  queue: Record<'backlog' | 'inFlight' | 'delayed', number>;
  decision: { at: string; reason: string };
  estimatedWaitSeconds: number | null;
  learned: Record<'serviceSeconds' | 'bootSecondsP50' | 'bootSecondsP95', number | null>;
  instances: { id: string; state: WorkerState; since: string; completed: number }[];
  failedBoots?: { count: number; cause: string; nextLaunchAt: string | null } | undefined;
  cost: {
    perHourNow: number | null;
    perImage: number | null;
    lastHour: { images: number; total: number | null };
  };
  history: { at: string; backlog: number; workers: number }[];
}

export interface Model {
  name: string;
  version: string;
  labels: string[];
  /** How often labels of at least a score were right on held-out images; scores ascend. */
  calibration?: { thresholds: { score: number; precisionAtLeast: number }[] } | undefined;
}
