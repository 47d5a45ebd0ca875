/**
 * The ONNX runtime reports to its maker unless this variable stands in the environment of the process when
 * its first session is opened: it reads that environment itself. A report would tell of other people's
 * models, and what gathers it overflows the stack of a thread where the command line is long.
 * Only the main thread can put a variable there; other threads of Node.js write to a copy.
 */
export function turnOffRuntimeTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
