/** What a service's unit file says, by section and setting. A setting may be given several times. */
export interface Unit {
  /** The last value; undefined if it is not set. */
  get(section: string, setting: string): string | undefined;
  all(section: string, setting: string): readonly string[];
}

/** Reads the format of systemd.syntax(7), as far as the units of tools/deploy use it. */
export function readUnit(text: string): Unit {
  const values = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, setting, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (setting !== undefined) {
      const key = `${section}.${setting}`;
      values.set(key, [...(values.get(key) ?? []), value]);
    } else if (!/^(#|$)/.test(line)) throw new Error(`no line of a unit file: ${line}`);
  }
  const all = (section: string, setting: string) => values.get(`${section}.${setting}`) ?? [];
  return { all, get: (section, setting) => all(section, setting).at(-1) };
}

/** The variables of all `Environment=` lines, with `%C` replaced by the folder of caches. */
export function variablesOf(unit: Unit): Record<string, string> {
  const pairs = unit.all('Service', 'Environment').flatMap((line) => line.split(' '));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1).replaceAll('%C', '/var/cache')];
    }),
  );
}
