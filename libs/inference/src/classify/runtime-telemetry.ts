/**
 * The ONNX runtime sends telemetry unless this variable is in the environment of the process when its first session
 * is opened. Telemetry would report on users' models, and its code overflows the stack of a thread if the command
 * line is long. Only the main thread can set the variable; other threads of Node.js write to a copy.
 */
export function turnOffRuntimeTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
