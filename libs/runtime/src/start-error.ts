/** Exit codes that say more than failure, as sysexits.h names them. */
export const EXIT = {
  /** EX_USAGE: the command line is wrong. */
  usage: 64,
  /** EX_NOINPUT: a file or folder to read from is not there or not usable. */
  noInput: 66,
  /** EX_UNAVAILABLE: something needed is not to be had, such as a port. */
  unavailable: 69,
  /** EX_SOFTWARE: it has found that it cannot do its work, and ended in good order. */
  software: 70,
  /** EX_CANTCREAT: a file or folder cannot be written. */
  cannotCreate: 73,
  /** EX_CONFIG: the configuration is wrong or incomplete. */
  config: 78,
} as const;

/** Why a program cannot start, for the person who started it: shown without a stack trace. */
export class StartError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
