/** Calls of a process that is killed at one of them. */
export interface Mortal {
  /** The same object, whose calls of these methods count. After the kill no call returns. */
  wrap<T extends object>(object: T, methods: readonly (keyof T & string)[]): T;
  /** Resolves when it is killed. */
  killed: Promise<void>;
  /** How many calls were begun. */
  calls(): number;
}

/** @param last the number of the call at which it is killed, from 1 @param when before that call is made or after it took effect */
export function mortal(last: number, when: 'before' | 'after'): Mortal {
  const killed = Promise.withResolvers<void>();
  let calls = 0;
  let isDead = false;
  const die = () => {
    isDead = true;
    killed.resolve();
    return new Promise<never>(() => undefined);
  };
  const mortalCall =
    (call: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      if (isDead) return die();
      const isLast = ++calls === last;
      if (isLast && when === 'before') return die();
      const result = await call(...args);
      return isDead || isLast ? die() : result;
    };
  return {
    wrap: (object, methods) =>
      new Proxy(object, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>;
          return methods.some((method) => method === name) ? mortalCall(call) : call;
        },
      }),
    killed: killed.promise,
    calls: () => calls,
  };
}
