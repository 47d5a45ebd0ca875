export const ARCHS = ['arm64', 'x64'] as const;

/** A processor architecture of an instance, as Node and npm name it. */
export type Arch = (typeof ARCHS)[number];

export const isArch = (name: string): name is Arch => ARCHS.some((arch) => arch === name);
