/**
 * Called before each call that a fake answers, with AWS's name of the operation and the queue URL, object
 * key or instance id it is about. What it throws, the call rejects with; what it awaits, the call waits for.
 */
export type CallHook = (operation: string, resource: string) => void | Promise<void>;

export const noHook: CallHook = () => undefined;
