/**
 * Runs before each call of a fake, with the name of the AWS operation and the queue URL, object key or instance id.
 * The call waits for its promise and rejects with what it throws.
 */
export type CallHook = (operation: string, resource: string) => void | Promise<void>;

export const noHook: CallHook = () => undefined;
