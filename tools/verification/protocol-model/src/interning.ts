/** Assigns numbers to values, the same for equal ones. Values must not change afterwards. */
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
