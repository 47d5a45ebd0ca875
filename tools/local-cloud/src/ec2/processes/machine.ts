import type { Machine, OnEnd } from '../instances/instance-host.ts';
import { killGroup } from './process-records.ts';

/**
 * Represents a process group as a machine.
 * @param watch calls back once when the group's leader has ended
 * @param onExit called after that, when the rest of the group has been killed
 */
export function machineOf(pid: number, watch: (exited: OnEnd) => void, onExit: OnEnd): Machine {
  let kill: NodeJS.Timeout | undefined;
  let ended = false;
  watch((how) => {
    clearTimeout(kill);
    ended = true;
    killGroup(pid, 'SIGKILL'); // a machine that is switched off leaves no process running
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
