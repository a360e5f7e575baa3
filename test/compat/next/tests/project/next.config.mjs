import { fileURLToPath } from 'node:url';

// The packages lie above the project.
export default { turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) } };
