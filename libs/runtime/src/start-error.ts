/** Exit codes from sysexits.h, which say why a program failed. */
export const EXIT = {
  /** EX_USAGE: the command line is wrong. */
  usage: 64,
  /** EX_NOINPUT: a file or folder to read does not exist or is not usable. */
  noInput: 66,
  /** EX_UNAVAILABLE: a resource is not available, such as a port. */
  unavailable: 69,
  /** EX_SOFTWARE: the program detected that it cannot work, and stopped in order. */
  software: 70,
  /** EX_CANTCREAT: a file or folder cannot be written. */
  cannotCreate: 73,
  /** EX_CONFIG: the configuration is wrong or incomplete. */
  config: 78,
} as const;

/** Tells the person who started a program why it cannot start. Printed without a stack trace. */
export class StartError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
