/** Numbers for values: the same number for equal ones. Values are taken not to change once they have one. */
export function interning(): (value: object | null) => number {
  const byText = new Map<string, number>();
  const byValue = new WeakMap<object, number>();
  return (value) => {
    if (value === null) return -1;
    const known = byValue.get(value);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    const number = byText.get(text) ?? byText.size;
    byText.set(text, number);
    byValue.set(value, number);
    return number;
  };
}
