/** A list in a response. */
export const items = <T>(list: readonly T[]) => ({ item: list });

export const tagItems = (tags: Readonly<Record<string, string>>) =>
  items(Object.entries(tags).map(([key, value]) => ({ key, value })));
