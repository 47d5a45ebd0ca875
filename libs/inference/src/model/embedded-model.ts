import { fileURLToPath } from 'node:url';

/** The directory of the embedded model. The bundler copies it next to main.js. */
export const embeddedModelDir = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../models/everyday-100/1' : './models/everyday-100/1',
    import.meta.url,
  ),
);
