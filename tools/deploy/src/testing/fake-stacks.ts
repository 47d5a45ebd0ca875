import type { Stacks } from '../aws/stacks.ts';

/** CloudFormation with stacks of these outputs, by name. Tells of deletions. */
export function fakeStacks(
  outputs: Record<string, Record<string, string>>,
  onDelete: (name: string) => void | Promise<void> = () => undefined,
): Stacks {
  const stacks = new Map(Object.entries(outputs));
  return {
    async find(name) {
      const found = stacks.get(name);
      return found && { status: 'CREATE_COMPLETE', outputs: found };
    },
    async delete(name) {
      if (stacks.delete(name)) await onDelete(name);
    },
  };
}
