import type { Machine, OnEnd } from './instance-host.ts';
import { killGroup } from './process-records.ts';

/**
 * A process group as a machine.
 * @param watch tells once when the group's leader has ended
 * @param onExit told after that, when the others of the group have been ended, too
 */
export function machineOf(pid: number, watch: (exited: OnEnd) => void, onExit: OnEnd): Machine {
  let kill: NodeJS.Timeout | undefined;
  let ended = false;
  watch((how) => {
    clearTimeout(kill);
    ended = true;
    killGroup(pid, 'SIGKILL'); // what it has left behind ends with it, as on a machine that is switched off
    onExit(how);
  });
  return {
    terminate(graceMs) {
      if (ended) return;
      if (kill === undefined) killGroup(pid, 'SIGTERM');
      clearTimeout(kill);
      kill = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
    },
    kill() {
      if (!ended) killGroup(pid, 'SIGKILL');
    },
  };
}
